//! What a run of `detect` did not judge: it is said, so that nobody takes silence for an all-clear.

use super::history;
use super::reading::{DataArgs, Read};
use crate::anomaly::buckets::Buckets;
use crate::anomaly::code::Code;
use crate::anomaly::rules::Rule;
use crate::anomaly::times;
use crate::cmd::Session;
use crate::error::Error;
use crate::exit::Exit;
use crate::text::counted;

/// Records that came after their bucket was closed. A run that passes over most of its input has not done its work;
/// `repeats`: the input holds again what was closed before.
pub fn behind(session: &mut Session, buckets: &Buckets, strict: bool, repeats: bool) -> Exit {
    let behind = buckets.counts.behind;
    let all = behind + buckets.counts.events;
    let most = if repeats { behind == all } else { 2 * behind > all };
    if behind == 0 || (repeats && !most && !strict) {
        return Exit::Clean;
    }
    let newest = buckets.watermark().map(times::text).unwrap_or_default();
    let message = format!(
        "{}: {behind} of {} ({:.1} %) came after their bucket was closed and were not judged; the newest that was seen is of {newest}",
        Code::Behind.as_str(),
        counted(all, "record"),
        100.0 * behind as f64 / all as f64,
    );
    let hint = match repeats {
        true => {
            "nothing of it is new: give what came since, or look for a record of the future that an older state has seen"
        }
        false => {
            "put the input in the order of time, or raise `lateness` of the rule; what repeats an earlier run is for --resume overlap"
        }
    };
    let error = Error::input(message).hint(hint);
    if strict || most {
        session.error(&error);
        return Exit::Input;
    }
    session.ctx.ui.warn(&error);
    Exit::Clean
}

/// Rules to which no record belongs. Where that is each of them, nothing at all is watched: of a single run that is a
/// mistake; of one among many, with a state, what is counted may not have happened yet.
pub fn unwatched(
    session: &mut Session,
    buckets: &Buckets,
    rules: &[Rule],
    read: &Read,
    args: &DataArgs,
    single: bool,
) -> Exit {
    // Of records that could not be used it was said already.
    if read.records == 0 || read.unusable > 0 || buckets.counts.behind > 0 {
        return Exit::Clean;
    }
    let empty = |rule: &usize| buckets.series_of(*rule) == 0;
    let names: Vec<String> = (0..rules.len()).filter(empty).map(|rule| format!("`{}`", rules[rule].id)).collect();
    if single && names.len() == rules.len() {
        session.error(&history::empty(args));
        return Exit::Input;
    }
    if !names.is_empty() {
        let message = format!("{}: no record belongs to {}", Code::Unwatched.as_str(), names.join(", "));
        session.ctx.ui.warn(&Error::usage(message).hint(history::COMPARE));
    }
    Exit::Clean
}
