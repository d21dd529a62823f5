//! The run of a proof made again from its sources, record by record against what the evidence holds.

use crate::cmd::diff::audit::{Audit, Found, Records};
use crate::cmd::diff::folder::DIFFS;
use crate::cmd::diff::proof::{self, Identity};
use crate::diff::verify::{self, differing, not_made, verdict};
use crate::error::{Error, Kind, Result};
use crate::io::records::{Next, RecordReader};
use crate::record::diff::{Proof, Verify as Verified};
use crate::record::{Record, encode};

/// Takes the records of a re-run and holds each against the next one of diffs.ndjson; memory does not grow.
pub struct Comparer {
    /// None where there is no file, and after the first difference.
    held: Option<RecordReader>,
    compared: u64,
    first: Option<(String, String)>,
}

impl Comparer {
    pub fn new(held: Option<RecordReader>) -> Self {
        Comparer { held, compared: 0, first: None }
    }

    /// The next record against one of the re-run, without newline; None where the re-run has no more.
    fn compare(&mut self, again: Option<&[u8]>) -> Result<()> {
        let Some(reader) = &mut self.held else { return Ok(()) };
        let found = match reader.next_item() {
            Ok(Next::Item(item)) => differing(Some(item.line), again),
            Ok(Next::End) => differing(None, again),
            Ok(Next::Bad(e)) => Some((e.message, "a readable record".to_owned())),
            Err(e) if e.kind == Kind::Input => Some((e.message, "a readable record".to_owned())),
            Err(e) => return Err(e),
        };
        self.compared += u64::from(again.is_some());
        if found.is_some() {
            (self.first, self.held) = (found, None);
        }
        Ok(())
    }

    /// The check `rerun` of diffs.ndjson.
    fn check(mut self) -> Result<Verified> {
        if self.held.is_none() && self.first.is_none() {
            return Ok(not_made("rerun", DIFFS, None, "no diffs.ndjson beside the proof"));
        }
        self.compare(None)?;
        let all = format!("{} records", self.compared);
        let (expected, actual) = self.first.unwrap_or((all.clone(), all));
        Ok(verdict("rerun", DIFFS, expected, actual))
    }
}

impl Records for Comparer {
    fn write<R: Record>(&mut self, record: &R) -> Result<()> {
        if self.held.is_none() {
            return Ok(());
        }
        let mut line = Vec::new();
        encode(record, &mut line).map_err(|e| Error::bug(format!("cannot encode {}: {e}", R::TYPE)))?;
        self.compare(line.strip_suffix(b"\n"))
    }
}

/// The checks of a re-run that came to its end.
pub fn checks(proof: &Proof, audit: &Audit<'_>, found: &Found, records: Comparer) -> Result<Vec<Verified>> {
    let again = proof::state(Identity::of(proof), audit.how, audit.loaded, found)?;
    let mut all = vec![records.check()?, verify::restated(proof, &again)];
    if all.iter().any(|v| v.ok == Some(false)) && proof.tool_sha256 != proof::tool_sha256()? {
        for failed in all.iter_mut().filter(|v| v.ok == Some(false)) {
            let actual = failed.actual.take().unwrap_or_default();
            failed.actual = Some(format!("{actual} (the run was made by another build of govctl)"));
        }
    }
    Ok(all)
}
