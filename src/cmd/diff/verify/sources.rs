//! What verify reads again: the roots of the partitions, and where all is given the whole run.

use super::Verify;
use super::files::RunFiles;
use super::rerun::{self, Comparer};
use crate::clock::parse_rfc3339_ms;
use crate::cmd::Ctx;
use crate::cmd::diff::accepted::Accepted;
use crate::cmd::diff::audit::{Audit, Heard};
use crate::cmd::diff::how::How;
use crate::cmd::diff::input::Feed;
use crate::cmd::diff::options::Loaded;
use crate::cmd::diff::reading::{Consumer, Limits, Reader};
use crate::cmd::letters::LettersTo;
use crate::diff::decode::Tally;
use crate::diff::ledger::Ledger;
use crate::diff::merge::{Lane, Turn};
use crate::diff::types::{Table, index};
use crate::diff::verify::{Recount, not_made};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::record::diff::{Proof, Side, Verify as Verified};

/// Order of reading where only roots are computed; it has no influence on them.
const DISORDER_MS: i64 = 2_000;
const BOTH: &str = "give the recordings of both sides as --lhs and --rhs; without them nothing shows that diffs.ndjson holds all that differs";

/// What the sources showed.
pub struct Shown {
    pub checks: Vec<Verified>,
    /// 3 where a source could not be read to its end.
    pub exit: Exit,
    /// The exit code of the run made again.
    pub outcome: Option<Exit>,
}

/// What can be read again, loaded and checked against the proof.
pub struct Given {
    loaded: Loaded,
    exceptions: Option<Accepted>,
}

/// What is read again.
struct Again<'a> {
    ctx: &'a Ctx,
    proof: &'a Proof,
    given: &'a Given,
    feeds: &'a [Feed],
    files: &'a RunFiles,
}

impl Verify {
    fn given(&self) -> [bool; 2] {
        [!self.lhs.is_empty(), !self.rhs.is_empty()]
    }

    /// The types, the key and the lists, which must be those of the proof; None where there is nothing to read.
    pub fn load(&self, proof: &Proof, files: &RunFiles) -> Result<Option<Given>> {
        let reads = self.given().contains(&true);
        let mut rows = self.rows.clone();
        rows.infer |= proof.inferred;
        if rows.types.is_none() && reads {
            rows.types = files.types_of(proof)?;
        }
        if rows.types.is_none() && proof.types_sha256.is_some() && reads {
            return Err(Error::usage("the roots cannot be recomputed without the types of the run")
                .hint("give its types.yaml as --types"));
        }
        if !reads && rows.types.is_none() && rows.hmac_key.is_none() {
            return Ok(None);
        }
        let stated_types = rows.types.is_some().then_some(proof.types_sha256.as_deref());
        let loaded = rows.load()?;
        if let Some(stated) = stated_types {
            same("types.yaml", "types_sha256", stated, loaded.types_sha256.as_deref())?;
        }
        if reads || rows.hmac_key.is_some() {
            same("--hmac-key", "hmac_key_id", proof.hmac_key_id.as_deref(), loaded.hasher.key_id())?;
        }
        let exceptions = self.exceptions.as_deref().map(Accepted::load).transpose()?;
        if let Some(settings) = &proof.settings {
            for (flag, field, stated, given) in [
                ("--tenants", "tenants_sha256", &settings.tenants_sha256, &loaded.tenants_sha256),
                (
                    "--exceptions",
                    "exceptions_sha256",
                    &settings.exceptions_sha256,
                    &exceptions.as_ref().map(|e| e.sha256.clone()),
                ),
            ] {
                // A list that was not given is no contradiction: the run cannot be made again without it.
                if given.is_some() {
                    same(flag, field, stated.as_deref(), given.as_deref())?;
                }
            }
        }
        Ok(Some(Given { loaded, exceptions }))
    }

    /// `partition_root`, the counts that only sources show, and `rerun`.
    pub fn sources(&self, ctx: &Ctx, proof: &Proof, given: Option<&Given>, files: &RunFiles) -> Result<Shown> {
        let recount = Recount::new(proof);
        let sides = self.given();
        let Some(given) = given.filter(|_| sides.contains(&true)) else {
            let mut checks = recount.check(sides);
            checks.push(rerun_not_made(BOTH));
            return Ok(Shown { checks, exit: Exit::Clean, outcome: None });
        };
        let sources: [(Side, &[String]); 2] = [(Side::Lhs, &self.lhs), (Side::Rhs, &self.rhs)];
        let feeds = self.rows.open(&given.loaded, &sources, |setup| setup.for_proof = true)?;
        let from = Again { ctx, proof, given, feeds: &feeds, files };
        match self.how(&from) {
            Ok((how, now_ms)) => self.rerun(&from, &how, now_ms, recount),
            Err(why) => self.roots(&from, recount, why),
        }
    }

    /// How the run was asked and at which instant, or why it cannot be made again.
    fn how(&self, from: &Again) -> std::result::Result<(How, i64), &'static str> {
        let Again { proof, given, feeds, .. } = from;
        let how = How::of(proof).ok_or("the proof does not tell the settings of the run")?;
        let settings = &how.settings;
        if how.digests {
            return Err("the run read digest streams, which recordings cannot take the place of");
        }
        if self.given() != [true, true] {
            return Err(BOTH);
        }
        if settings.exceptions_sha256.is_some() && given.exceptions.is_none() {
            return Err("the run had an exception list; give it as --exceptions");
        }
        if settings.tenants_sha256.is_some() && given.loaded.tenants_sha256.is_none() {
            return Err("the run had a list of home regions; give it as --tenants");
        }
        if settings.second_pass && !feeds.iter().all(|f| f.regular) {
            return Err("the run read its sources twice, which only files allow");
        }
        let now_ms = parse_rfc3339_ms(&proof.started, "started");
        Ok((how, now_ms.map_err(|_| "`started` of the proof is no time")?))
    }

    /// Reads the sources once for the roots and the records.
    fn rerun(&self, from: &Again, how: &How, now_ms: i64, mut recount: Recount) -> Result<Shown> {
        let Again { ctx, proof, given, feeds, files } = from;
        let audit = Audit {
            ctx,
            rows: &self.rows,
            loaded: &given.loaded,
            feeds,
            how,
            exceptions: given.exceptions.as_ref(),
            limits: limits(how.settings.disorder_ms),
            roots: true,
            now_ms,
        };
        let mut records = Comparer::new(files.records()?);
        let heard = audit.read(&mut records, |lane, event| recount.observe(lane, event))?;
        let Heard { facts, .. } = &heard;
        let exit = if facts.input_failed() { Exit::Input } else { Exit::Clean };
        let mut checks = self.roots_of(from, &recount, facts.tallies())?;
        let other = match () {
            () if recount.outside() => Some("the sources hold records outside the ranges of the proof"),
            () if checks.iter().any(|v| v.ok == Some(false)) => Some("the sources are not those of the run"),
            () => None,
        };
        if let Some(why) = other {
            checks.push(rerun_not_made(why));
            return Ok(Shown { checks, exit, outcome: None });
        }
        let found = audit.finish(heard, &mut records)?;
        checks.extend(rerun::checks(proof, &audit, &found, records)?);
        Ok(Shown { checks, exit, outcome: Some(found.exit(how)) })
    }

    /// Reads the sources for the roots alone.
    fn roots(&self, from: &Again, recount: Recount, why: &str) -> Result<Shown> {
        let Again { ctx, given, feeds, .. } = from;
        let tables = given.loaded.types.tables.len();
        let mut reread = Reread { recount, lanes: Vec::new(), tables };
        let reader = Reader::new(ctx, feeds, &limits(DISORDER_MS), tables, Ledger::new(false))?;
        let (read, _) = reader.run(&mut reread)?;
        let tallies = Side::BOTH.map(|side| read.tally(feeds, side));
        let mut checks = self.roots_of(from, &reread.recount, tallies)?;
        checks.push(rerun_not_made(why));
        let exit = if read.errors.is_empty() { Exit::Clean } else { Exit::Input };
        Ok(Shown { checks, exit, outcome: None })
    }

    fn roots_of(&self, from: &Again, recount: &Recount, tallies: [Tally; 2]) -> Result<Vec<Verified>> {
        let given = self.given();
        let tallies = Side::BOTH.map(|side| given[index(side)].then(|| tallies[index(side)]));
        let mut all: Vec<Verified> =
            recount.counts(from.proof, &tallies).into_iter().chain(recount.check(given)).collect();
        if let Some(failed) = all.iter_mut().find(|v| v.ok == Some(false))
            && let Some(others) = self.other_sources(from.files)?
        {
            let actual = failed.actual.take().unwrap_or_default();
            failed.actual = Some(format!("{actual} ({others})"));
        }
        Ok(all)
    }

    /// In words how the sources differ from those of the run. Their order counts, since a file of bare values is the
    /// partition of its place, and so does how they overlap, since of a record that two of them hold both are read.
    fn other_sources(&self, files: &RunFiles) -> Result<Option<String>> {
        let Some(run) = files.sources()? else { return Ok(None) };
        let given: Vec<String> = self.lhs.iter().chain(&self.rhs).map(|name| fs::record_name(name)).collect();
        let same = match self.given() {
            [true, false] => run.starts_with(&given),
            [false, true] => run.ends_with(&given),
            _ => run == given,
        };
        Ok((!same).then(|| format!("the run read {}; given are {}", run.join(", "), given.join(", "))))
    }
}

fn rerun_not_made(why: &str) -> Verified {
    not_made("rerun", "diffs.ndjson", None, why)
}

/// A complete run stayed below its own limit.
fn limits(disorder_ms: i64) -> Limits {
    Limits { disorder_ms, max_poison: u64::MAX, letters: LettersTo::default() }
}

/// The run's configuration and the given one must be the same; both are named where they are not.
fn same(what: &str, field: &str, proof: Option<&str>, given: Option<&str>) -> Result<()> {
    if proof == given {
        return Ok(());
    }
    let word = |value: Option<&str>| value.unwrap_or("null").to_owned();
    Err(Error::usage(format!("{what}: the proof's {field} is {}, the given one is {}", word(proof), word(given)))
        .hint("verify with what the run was made with"))
}

/// Takes the events into the recount.
struct Reread {
    recount: Recount,
    lanes: Vec<Lane>,
    tables: usize,
}

impl Consumer for Reread {
    type Foreseen = ();

    fn lane(&mut self, lane: &Lane) -> Result<()> {
        self.lanes.push(lane.clone());
        Ok(())
    }

    fn table(&mut self, _table: &Table) -> usize {
        self.tables += 1;
        self.tables - 1
    }

    fn foresee(&self, turns: &[Turn<'_>]) -> Vec<()> {
        vec![(); turns.len()]
    }

    fn event(&mut self, turn: Turn<'_>, (): ()) -> Result<()> {
        self.recount.observe(&self.lanes[turn.lane], turn.event);
        Ok(())
    }
}
