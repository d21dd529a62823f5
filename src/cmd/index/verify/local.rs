//! Run directories beside the index: their files are those of the manifest, and the manifest is in the log.

use crate::cmd::letters::DEAD_LETTERS;
use crate::evidence::verify::{self as evidence, Chains, Found as Runs, Trust};
use crate::index::Code;
use crate::index::digest::Digest;
use crate::index::verify::{Found, Notes, Verified};
use crate::record::evidence::{Check, Question as Asked, Status};
use crate::record::index::Question;

pub fn find(paths: &[String]) -> crate::error::Result<Runs> {
    if paths.is_empty() { Ok(Runs::default()) } else { evidence::find(paths) }
}

/// Who signed a manifest is not asked here: its digest is in the log, whose entry says so.
pub fn check(runs: &Runs, verified: &Verified, notes: &mut Notes) -> crate::error::Result<()> {
    let trust = Trust { keys: Vec::new(), allow_unsigned: true, may_be_withheld: &[DEAD_LETTERS] };
    let mut chains = Chains::default();
    for run in &runs.runs {
        let made = evidence::verify(run, &trust, &mut chains);
        let name = made.verdict.run_id.clone().unwrap_or_else(|| run.shown.clone());
        let of_run = || format!("run:{name}");
        for check in made.checks.iter().filter(|check| is_about_files(check)) {
            notes.part(Question::Local, of_run, None, Some(altered(check)))?;
        }
        let manifest = made.verdict.manifest_sha256.as_deref().and_then(Digest::parse);
        match published(manifest, verified, notes) {
            Ok(leaf) => notes.part(Question::Local, of_run, Some(leaf), None)?,
            Err(found) => notes.part(Question::Local, of_run, None, Some(found))?,
        }
    }
    Ok(())
}

/// Where a run's chain leads is the producer's matter, and its signature was for the publisher to verify.
fn is_about_files(check: &Check) -> bool {
    let about = matches!(check.check, Asked::Manifest | Asked::Subject | Asked::ExtraFile | Asked::Signature);
    let wrong = check.status == Status::Fail || check.check == Asked::Manifest;
    about && wrong && check.status != Status::Pass
}

fn altered(check: &Check) -> Found {
    let file = check.file.as_deref().unwrap_or("the run");
    let mut detail = format!("{file}: {}", check.detail.as_deref().unwrap_or_default());
    if let (Some(expected), Some(actual)) = (&check.expected_sha256, &check.actual_sha256) {
        detail.push_str(&format!("; it is {actual}, the manifest says {expected}"));
    }
    match check.status {
        Status::Fail => Found::fail(Code::FileMismatch, detail),
        _ => Found::unverifiable(Code::FileMismatch, detail),
    }
}

/// The entry of a manifest, in a log that holds.
fn published(manifest: Option<Digest>, verified: &Verified, notes: &Notes) -> Result<u64, Found> {
    let Some(catalog) = &verified.catalog else {
        return Err(Found::unverifiable(Code::NotPublished, "the entries of the log could not all be read"));
    };
    let Some(manifest) = manifest else {
        return Err(Found::unverifiable(Code::NotPublished, "there is no manifest to look for"));
    };
    let leaf = catalog.published(manifest);
    let leaf = leaf.ok_or_else(|| Found::fail(Code::NotPublished, format!("{manifest} is not in the log")))?;
    let holds = notes.status(Question::Tree) == Some(Status::Pass) && leaf < notes.holds_to(u64::MAX);
    match holds {
        true => Ok(leaf),
        false => Err(Found::unverifiable(Code::NotPublished, format!("leaf {leaf} is in a log that does not hold"))),
    }
}
