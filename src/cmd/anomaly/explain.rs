//! `govctl anomaly explain`: an alert in words an on-call engineer would use, and every number of it computed again.

mod alerts;
mod answers;
mod asked;

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueHint};

use self::answers::Answers;
use self::asked::Asked;
use super::history::{self, Whole};
use super::reading::DataArgs;
use super::setup::{Setup, SetupArgs};
use crate::anomaly::explain::rerun::{Place, Seen, rerun};
use crate::cmd::paths::one_stdin;
use crate::cmd::{Ctx, Outcome, Session};
use crate::error::Result;
use crate::exit::Exit;
use crate::io::sink::Compress;
use crate::record::run::counts;
use crate::text::counted;

const OUTPUT: &str = "explain.ndjson";

/// Explain an alert: what was expected, by how much it was exceeded, which term decided; and compute its score again
///
/// Reads the whole history, sorts it, and scores it again as `anomaly detect` did. For every alert of a stream (--alerts), or for one
/// bucket (--rule, --tenant, --series, --at), a `govctl.anomaly.explain/1` says what the score stands on; people get five lines. The
/// history has to reach back as far as that of `detect`. Exits 1 where an alert is not what is computed now, or where its bucket
/// is not in the data.
#[derive(Debug, Args)]
#[command(
    mut_arg("tenant", |arg| arg.help(
        "Tenant of the bucket that --at asks about, and of records that carry none; `@stem` is the name of their file without its ending"
    )),
    after_help = crate::cmd::after_help([
        "govctl anomaly detect --rules adaptive.yaml exports.csv | govctl anomaly explain --rules adaptive.yaml --alerts - exports.csv",
        "govctl anomaly explain --rules adaptive.yaml exports.csv --tenant globex --at 2024-02-05T10:00:00Z",
    ])
)]
pub struct Explain {
    #[command(flatten)]
    setup: SetupArgs,
    /// Explain all alerts of this stream of `anomaly detect`; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "at")]
    alerts: Option<String>,
    /// Explain the bucket that holds this time: RFC 3339, YYYY-MM-DD HH:MM:SS in the rule's zone, or seconds or milliseconds since 1970
    #[arg(long, value_name = "TIME", conflicts_with = "alerts")]
    at: Option<String>,
    /// Of this rule; needed only where the file has several
    #[arg(long, value_name = "ID", requires = "at")]
    rule: Option<String>,
    /// The other group fields of the series, NAME=VALUE with commas between them, as alerts show them
    #[arg(long, value_name = "FIELDS", requires = "at")]
    series: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

pub fn run(ctx: &Ctx, args: &Explain) -> Result<Exit> {
    ctx.needs_no_findings("`anomaly explain`")?;
    one_stdin(&args.data.from.iter().chain(&args.alerts).collect::<Vec<_>>())?;
    let setup = args.setup.load(ctx)?;
    let one = args.at.as_deref().map(|at| args.one(&setup, at)).transpose()?;
    Session::run(ctx, "anomaly explain", OUTPUT, setup.inputs.clone(), Compress::None, |session| {
        let (asked, exit) = match (one, &args.alerts) {
            (None, Some(name)) => alerts::read(session, name, &setup)?,
            (one, _) => (one.into_iter().collect(), Exit::Clean),
        };
        // A feed may have been silent: up to an alert time went on, else to --now.
        let alerts = asked.iter().filter(|asked| asked.alert.is_some());
        let until = alerts.filter_map(|asked| asked.closed_by(&setup)).max().or(ctx.clock.named_ms());
        let whole = history::read_until(session, &args.data, &setup, until)?;
        session.counts.clone_from(&whole.counts);
        let exit = exit.and(whole.exit);
        let mut answers = Answers::new(&setup);
        answer(session, &setup, &whole, &asked, &mut answers)?;
        Ok(outcome(exit, whole, &asked, &answers))
    })
}

/// Rule by rule, then told in the order asked.
fn answer(session: &mut Session, setup: &Setup, whole: &Whole, asked: &[Asked], answers: &mut Answers) -> Result<()> {
    let rules = &setup.rules.rules;
    let places: Vec<Option<Place>> = asked.iter().map(|asked| asked.place(rules, &whole.history)).collect();
    let mut seen: Vec<BTreeMap<Place, Seen>> = Vec::with_capacity(rules.len());
    for (i, (rule, params)) in rules.iter().zip(setup.params()).enumerate() {
        session.ctx.interrupt.check()?;
        let of_rule = asked.iter().zip(&places).filter(|(asked, _)| asked.rule == Some(i));
        let wanted: BTreeSet<Place> = of_rule.filter_map(|(_, place)| *place).collect();
        let history = &whole.history.rules[i];
        seen.push(match wanted.is_empty() {
            true => BTreeMap::new(),
            false => rerun(rule, params, &setup.rules.mutes, history, &wanted),
        });
    }
    for (asked, place) in asked.iter().zip(&places) {
        let found = asked.rule.zip(*place).and_then(|(rule, place)| Some((rule, place, seen[rule].get(&place)?)));
        match found {
            Some((rule, place, seen)) => {
                answers.tell(session, asked, rule, &whole.history.rules[rule][place.0], place.1, seen)?
            }
            None => answers.lost(session, asked, &whole.history),
        }
    }
    Ok(())
}

fn outcome(exit: Exit, whole: Whole, asked: &[Asked], answers: &Answers) -> Outcome {
    let Answers { explained, reproduced, other, lost, .. } = answers;
    let mut all = whole.counts;
    all.extend(counts([
        ("asked", asked.len() as u64),
        ("explained", *explained),
        ("reproduced", *reproduced),
        ("not_reproduced", *other),
        ("not_in_data", *lost),
    ]));
    let mut summary = format!("{} explained", counted(*explained, "bucket"));
    if asked.iter().any(|asked| asked.alert.is_some()) {
        summary.push_str(&format!(", {reproduced} of {} reproduced", counted(asked.len() as u64, "alert")));
    }
    if *lost > 0 {
        summary.push_str(&format!("; {lost} not in the data"));
    }
    summary.push_str(&whole.remarks);
    Outcome { exit: exit.and(Exit::found(other + lost > 0)), counts: all, summary }
}
