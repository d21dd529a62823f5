//! An input that is read to its end before anything is said of it: for tune, backtest and explain.

use super::reading::{self, DataArgs, Got};
use super::setup::Setup;
use crate::anomaly::buckets::{Buckets, Taken};
use crate::anomaly::history::{Collector, History};
use crate::cmd::Session;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::record::run::{Counts, counts};
use crate::text::sha256_hex;

/// Where no record belongs to a rule.
pub const COMPARE: &str =
    "compare the fields `where`, `ts` and `group_by` of the rules with the data; --columns gives other names";

/// All that was read.
pub struct Whole {
    pub history: History,
    /// Input where some of it could not be used.
    pub exit: Exit,
    pub counts: Counts,
    /// Of the digests of all inputs in ascending order, each in hex on a line: the order in which files were named does not count.
    pub data_sha256: String,
    /// Start of the first and end of the last bucket of all, in milliseconds since 1970; 0 where there is none.
    pub from_ms: i64,
    pub until_ms: i64,
    /// For the end of the summary: what could not be used.
    pub remarks: String,
}

/// Reads everything; what is wrong with single lines is shown and kept.
pub fn read(session: &mut Session, args: &DataArgs, setup: &Setup) -> Result<Whole> {
    gather(session, args, setup, None, Collector::history)
}

/// The same with the silence behind the last value of a series, up to some point behind the last record of all.
pub fn read_until(session: &mut Session, args: &DataArgs, setup: &Setup, until_ms: Option<i64>) -> Result<Whole> {
    gather(session, args, setup, until_ms, Collector::whole_history)
}

fn gather(
    session: &mut Session,
    args: &DataArgs,
    setup: &Setup,
    until_ms: Option<i64>,
    history: impl FnOnce(Collector, usize) -> History,
) -> Result<Whole> {
    let rules = &setup.rules.rules;
    let plan = args.plan(rules)?;
    let mut buckets = Buckets::of_whole_input(rules, args.max_series).now_is(session.ctx.clock.named_ms());
    let mut collector = Collector::default();
    let known = session.inputs.len();
    let read = args.read(session, &plan, |_, got| match got {
        Got::Event(event) => Ok(buckets.push(event, |out| collector.take(out))),
        Got::Idle => Ok(Taken::Yes),
    })?;
    if let Some(until) = until_ms {
        buckets.advance(until, |out| collector.take(out));
    }
    buckets.finish(|out| collector.take(out));
    if let Some((rule, key, spacing_ms)) = &collector.too_fine {
        return Err(reading::too_fine(&rules[*rule], key, *spacing_ms));
    }
    reading::refused(session.ctx, &buckets.refused, rules, args.max_series);
    let series = buckets.series() as u64;
    let c = &buckets.counts;
    let mut exit = read.exit;
    if args.strict_data && c.conflicting > 0 {
        session.error(&reading::conflicting(c.conflicting));
        exit = exit.and(Exit::Input);
    }
    let duplicates = c.repeated + c.conflicting;
    let counts = counts([
        ("events", c.events),
        ("buckets", c.buckets),
        ("series", series),
        ("duplicates", duplicates),
        ("retired", c.retired),
        ("unusable", read.unusable),
    ]);
    let digests = session.inputs[known..].iter().filter_map(|input| input.sha256.clone());
    let mut digests: Vec<String> = digests.collect();
    digests.sort();
    digests.dedup();
    let text: String = digests.iter().map(|digest| format!("{digest}\n")).collect();
    let history = history(collector, rules.len());
    let all = || history.rules.iter().flatten();
    let (from_ms, until_ms) = (
        all().filter_map(|series| series.starts.first()).min().copied().unwrap_or(0),
        all().filter_map(|series| series.ends.last()).max().copied().unwrap_or(0),
    );
    Ok(Whole {
        from_ms,
        until_ms,
        history,
        exit,
        counts,
        data_sha256: sha256_hex(text.as_bytes()),
        remarks: read.unusable_text(),
    })
}

/// No rule has a bucket: there is nothing to learn from.
pub fn empty(args: &DataArgs) -> Error {
    let names: Vec<String> = args.from.iter().map(|name| crate::io::fs::record_name(name)).collect();
    Error::input(format!("no record of {} belongs to a rule", names.join(", "))).hint(COMPARE)
}
