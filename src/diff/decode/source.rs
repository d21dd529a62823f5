//! What a change event says about itself: operation, version and times.

use super::{Decoder, Step, Stop};
use crate::diff::code::Code;
use crate::diff::event::{Event, flag};
use crate::diff::frame::Framing;
use crate::diff::json::scan::{Kind, Span};
use crate::diff::json::text::{Lone, decode};
use crate::diff::shape::{Fields, Form};
use crate::record::diff::Op;

impl Decoder {
    /// Version, commit time and log time.
    pub(super) fn times(&mut self, b: &[u8], spans: &[Span], fields: &Fields, event: &mut Event) -> Step<()> {
        let integer = |step: Option<usize>| -> Step<Option<i64>> {
            let Some(span) = step.map(|s| spans[s]).filter(|s| s.kind != Kind::Null) else { return Ok(None) };
            let text = if span.kind.is_string() { span.inner(b) } else { span.raw(b) };
            crate::diff::canon::integer(text)
                .map(Some)
                .map_err(|cause| Stop::Poison { cause: format!("source block: {cause}") })
        };
        let source_ms = integer(fields.source_ts_ms)?;
        event.source_us = match integer(fields.source_ts_us)? {
            Some(us) => Some(us),
            None => source_ms.and_then(|ms| ms.checked_mul(1000)),
        };
        event.version = match integer(fields.lsn)? {
            Some(lsn) => u64::try_from(lsn).ok(),
            None => fields.sequence.and_then(|step| sequence(b, spans[step])),
        };
        if self.framing == Framing::Value {
            match integer(fields.ts_ms)?.or(source_ms).or(event.source_us.map(|us| us / 1000)) {
                Some(ms) => event.log_ms = ms,
                None => event.flags |= flag::NO_LOG_TIME,
            }
        }
        if event.has(flag::NO_LOG_TIME) {
            let kind = &self.tables[event.table as usize].kind;
            self.notes.add(Code::NoLogTime, kind, kind, None, || {
                "events carry no time; only final states are compared".into()
            });
        }
        Ok(())
    }
}

/// The operation. `Op::Unreadable` stands for a message, which concerns no row.
pub(super) fn operation(b: &[u8], spans: &[Span], fields: &Fields, form: Form) -> Step<Op> {
    let deleted = fields.deleted.map(|s| spans[s]).is_some_and(|s| s.inner_or_raw(b) == b"true");
    if deleted {
        return Ok(Op::Delete);
    }
    let Some(span) = fields.op.map(|s| spans[s]) else {
        return match form {
            Form::Flat => Ok(Op::Read),
            Form::Envelope => Err(Stop::Poison { cause: "`op` is missing".into() }),
        };
    };
    match span.inner_or_raw(b) {
        b"c" => Ok(Op::Create),
        b"u" => Ok(Op::Update),
        b"d" => Ok(Op::Delete),
        b"r" => Ok(Op::Read),
        b"t" => Ok(Op::Truncate),
        b"m" => Ok(Op::Unreadable),
        other => Err(Stop::Poison { cause: format!("unknown op `{}`", String::from_utf8_lossy(other)) }),
    }
}

/// Incremental snapshots have no lsn; the second element of `sequence` is the position (`["1","2"]` or `[null,"2"]`).
fn sequence(b: &[u8], span: Span) -> Option<u64> {
    let mut text = Vec::new();
    if !span.kind.is_string() {
        return None;
    }
    decode(span.inner(b), Lone::Refuse, &mut text).ok()?;
    let parts: Vec<Option<String>> = serde_json::from_slice(&text).ok()?;
    parts.get(1)?.as_ref()?.parse().ok()
}
