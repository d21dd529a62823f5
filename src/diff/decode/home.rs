//! Who wrote it, and whether its key is in the sample.

use super::{Decoder, Step};
use crate::diff::code::Code;
use crate::diff::event::{Batch, Class, Event, canonical_key, flag, tenant_and_id};
use crate::diff::hash::Hasher;
use crate::diff::home::is_home;
use crate::diff::shape::Fields;
use crate::diff::types::Replication;
use crate::json::scan::Span;
use crate::record::diff::Op;

impl Decoder {
    /// Home region, origin and sampling.
    pub(super) fn finish(
        &mut self,
        event: &mut Event,
        b: &[u8],
        spans: &[Span],
        fields: &Fields,
        batch: &mut Batch,
    ) -> Step<()> {
        if event.has(flag::NO_LOG_TIME) {
            let kind = &self.tables[event.table as usize].kind;
            self.notes.add(Code::NoLogTime, kind, kind, None, || {
                "events carry no time; only final states are compared".into()
            });
        }
        let table = &self.tables[event.table as usize];
        let origin = fields.origin.span(spans).filter(|s| s.kind.is_string());
        if origin.is_some() {
            event.flags |= flag::REPLICATED;
        }
        if self.setup.keep_origin && origin.is_some() {
            let extra = event.extra.get_or_insert_default();
            extra.origin = origin.map(|s| String::from_utf8_lossy(s.inner(b)).into_owned());
            let lsn = fields
                .origin_lsn
                .span(spans)
                .map(|s| s.raw(b))
                .and_then(|raw| std::str::from_utf8(raw).ok()?.parse().ok());
            extra.origin_lsn = lsn;
        }
        if table.replication == Replication::Native && self.setup.homes.is_some() {
            let origin = origin.map(|s| String::from_utf8_lossy(s.inner(b)).into_owned());
            self.check_home(event, origin, batch);
        }
        let table = &self.tables[event.table as usize];
        if let Some(sample) = &table.sample {
            let digest = Hasher::Plain.digest(&canonical_key(&table.kind, batch.key(event)));
            let bucket = u64::from_be_bytes([
                digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
            ]) % sample.of;
            if !sample.take.contains(&bucket) {
                event.class = Class::SampledOut;
                event.digest = [0; 32];
            }
        }
        Ok(())
    }

    /// An event outside the tenant's home region with a local or unlisted origin was written there.
    pub(super) fn check_home(&mut self, event: &mut Event, origin: Option<String>, batch: &Batch) {
        let Some(homes) = &self.setup.homes else { return };
        let table = &self.tables[event.table as usize];
        let region = &self.setup.types.side(self.setup.side).region;
        let (tenant, id) = tenant_and_id(batch.key(event));
        let key = format!("{tenant}/{id}");
        let Some(home) = homes.of(&tenant) else {
            self.tally.origin_unknown += 1;
            let text = || format!("tenant `{tenant}` is not in tenants.yaml");
            self.notes.add(Code::OriginUnknown, &table.kind, &tenant, Some(&key), text);
            return;
        };
        if is_home(region, home) {
            return;
        }
        if event.op == Op::Read {
            self.tally.origin_unknown += 1;
            return;
        }
        let listed = table.origins.get(region);
        let authorized = match (&origin, listed) {
            (None, _) => false,
            (Some(o), Some(list)) if !list.is_empty() => list.contains(o),
            (Some(o), _) => {
                let text = || format!("origin `{o}` was accepted, since types.yaml lists none for {region}");
                self.notes.add(Code::OriginUnlisted, &table.kind, o, Some(&key), text);
                true
            }
        };
        if !authorized {
            event.flags |= flag::UNAUTHORIZED;
            let extra = event.extra.get_or_insert_default();
            extra.home_region = Some(home.to_owned());
            extra.origin = origin;
        }
    }
}
