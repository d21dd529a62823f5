//! What a run adds up to: counts, findings and the closing line.

mod same;

use super::coverage::{self, Coverage};
use super::how::How;
use super::input::{End, Feed};
use super::options::Loaded;
use super::reading::Read;
use crate::clock::rfc3339_ms;
use crate::diff::code::Code;
use crate::diff::decode::Tally;
use crate::diff::frame::Framing;
use crate::diff::join::Join;
use crate::diff::ledger::Ledger;
use crate::diff::report::inconclusive;
use crate::diff::types::{Types, index};
use crate::error::{Error, Result};
use crate::io::fs;
use crate::record::Finding;
use crate::record::diff::Side;
use crate::record::run::{self, Counts, Input, Scope};
use crate::text::counted;

/// Everything about a run that is not in the join.
pub struct Facts {
    job: String,
    read: Read,
    tally: [Tally; 2],
    pub(super) ledger: Ledger,
    pub(super) not_compared: Vec<String>,
    pub(super) inferred: bool,
    pub(super) schema_blocks: bool,
    pub(super) home_checked: bool,
    pub(super) inputs: Vec<Input>,
    /// Records that were read more than once.
    duplicates: u64,
    /// Tables without events, columns without values, one recording on both sides.
    not_covered: Vec<Finding>,
    /// What to say if no row was compared.
    nothing: Finding,
    pub excepted: u64,
}

impl Facts {
    pub fn new(how: &How, loaded: &Loaded, feeds: &[Feed], mut read: Read, mut ledger: Ledger) -> Facts {
        let mut not_compared = not_compared(&loaded.types, &read);
        let mut inferred = loaded.types.infer;
        let mut home_checked = loaded.homes.is_some();
        let mut duplicates = read.duplicates.iter().sum::<u64>();
        if how.digests {
            home_checked = true;
            for end in &mut read.ends {
                let Some(decode) = &end.decode else { continue };
                duplicates += decode.counts.get("duplicates").copied().unwrap_or(0);
                // What a stream with a gap says of itself is not what arrived.
                if end.gaps.is_empty() {
                    end.tally = tally_of(&decode.counts);
                    end.sealed.iter().for_each(|progress| ledger.set_log_ms(progress));
                }
                not_compared.extend(decode.columns_not_compared.iter().cloned());
                inferred |= decode.inferred;
                home_checked &= decode.home_checked;
            }
        }
        let tally = Side::BOTH.map(|side| read.tally(feeds, side));
        let coverage = Coverage::new(&loaded.types, &Side::BOTH, &read);
        not_compared.extend(coverage.columns_absent());
        not_compared.sort();
        not_compared.dedup();
        let mut not_covered = coverage.findings();
        let is_bare = |(feed, end): (&Feed, &End)| match &end.decode {
            Some(decode) => decode.bare,
            None => feed.framing == Framing::Value,
        };
        not_covered.extend(coverage.same(&ledger.twins(feeds.iter().zip(&read.ends).all(is_bare))));
        let nothing = coverage.nothing(tally.iter().map(|t| t.sampled_out).sum());
        let inputs = inputs(feeds, &read);
        let schema_blocks = loaded.types.needs_blocks();
        Facts {
            job: loaded.types.job.clone(),
            read,
            tally,
            ledger,
            not_compared,
            inferred,
            schema_blocks,
            home_checked,
            inputs,
            not_covered,
            nothing,
            duplicates,
            excepted: 0,
        }
    }

    fn undecided(&self, join: &Join, others: &[Finding], allowed: bool) -> Option<Finding> {
        if join.counts.inconclusive == 0 {
            return None;
        }
        let mut finding = inconclusive(join.counts.inconclusive, &self.job, others, !allowed);
        finding.ts = self.read.newest.iter().flatten().max().map(|ms| rfc3339_ms(*ms));
        Some(finding)
    }

    /// Events of tenants that tenants.yaml does not know.
    fn home_unknown(&self) -> u64 {
        let code = Code::OriginUnknown;
        let of_streams = self.read.ends.iter().flat_map(|e| &e.findings).filter(|f| f.code == code.as_str());
        let given: u64 = of_streams.filter_map(|f| f.count).sum();
        given + self.read.notes.iter().map(|notes| notes.count(code)).sum::<u64>()
    }

    /// Digests made without --tenants say nothing of who wrote where.
    pub fn check_homes(&self) -> Result<()> {
        if self.home_checked {
            return Ok(());
        }
        Err(Error::usage("--fail-on unauthorized: writes outside the home region were not looked for")
            .hint("make the digests with --tenants tenants.yaml, in both regions"))
    }

    /// What each side's records were.
    pub fn tallies(&self) -> [Tally; 2] {
        self.tally
    }

    /// Sources of which a part never came.
    pub fn cut(&self) -> u64 {
        let gaps = self.read.ends.iter().filter(|end| !end.gaps.is_empty()).count() as u64;
        self.read.cut.iter().sum::<u64>() + gaps
    }

    pub fn input_failed(&self) -> bool {
        !self.read.errors.is_empty()
    }

    /// All findings, by code, kind, side and subject. Undecided keys are an error unless they are allowed; `nothing`: no
    /// row was compared.
    pub fn findings(&self, join: &Join, allow_inconclusive: bool, nothing: bool) -> Vec<Finding> {
        let mut all = Vec::new();
        for side in Side::BOTH {
            let mut notes = self.read.notes[index(side)].clone();
            notes.merge(join.notes[index(side)].clone());
            all.extend(notes.findings(Some(side)));
        }
        let of_streams = self.read.ends.iter().flat_map(|e| &e.findings);
        all.extend(of_streams.filter(|f| coverage::OWN.iter().all(|own| own.as_str() != f.code)).cloned());
        all.extend(self.not_covered.iter().cloned());
        all.extend(nothing.then(|| self.nothing.clone()));
        all.extend(self.undecided(join, &all, allow_inconclusive));
        let order = |f: &Finding| {
            let code = Code::ALL.iter().position(|c| c.as_str() == f.code);
            (code, f.kind.clone(), f.side.clone(), f.subject.clone())
        };
        all.sort_by_key(order);
        all
    }

    /// What the records were, whether or not anything can be concluded from them.
    pub fn records(&self) -> Counts {
        let sum = |of: fn(&Tally) -> u64| self.tally.iter().map(of).sum::<u64>();
        run::counts([
            ("poison", sum(|t| t.poison)),
            ("cut", self.cut()),
            ("sampled_out", sum(|t| t.sampled_out)),
            ("duplicates", self.duplicates),
            ("tombstones", sum(|t| t.tombstones)),
            ("control", sum(|t| t.control)),
            ("read", sum(|t| t.rows + t.tombstones + t.control + t.poison + t.sampled_out)),
        ])
    }

    pub fn counts(&self, join: &Join) -> Counts {
        let c = &join.counts;
        let origin_unknown = self.tally.iter().map(|t| t.origin_unknown).sum();
        let mut counts = self.records();
        counts.extend(run::counts([
            ("ok", c.ok),
            ("diff", c.missing + c.mismatch),
            ("missing", c.missing),
            ("mismatch", c.mismatch),
            ("late", c.late),
            ("repaired", c.repaired),
            ("capture_loss", c.capture_loss),
            ("inconclusive", c.inconclusive),
            ("pending", c.pending),
            ("unauthorized", c.unauthorized),
            ("origin_unknown", origin_unknown),
            ("home_unknown", self.home_unknown()),
            ("excepted", self.excepted),
            ("duplicates", c.duplicates + self.duplicates),
            ("duplicates_unproven", c.duplicates_unproven),
            ("stale", c.stale),
        ]));
        counts
    }

    /// What the records say nothing about, for the end record.
    pub fn scope(&self) -> Scope {
        let to = self.ledger.window_ms().map(|(_, to)| rfc3339_ms(to));
        Scope { window_to: to, home_checked: Some(self.home_checked) }
    }

    /// The closing line of an audit that stopped reading.
    pub fn stopped(&self) -> String {
        let records = self.records();
        let n = |name: &str| records.get(name).copied().unwrap_or(0);
        let read = counted(n("read"), "record");
        format!("stopped after {read}, {} of them unreadable; of what comes behind nothing is said", n("poison"))
    }

    /// Of a recording that was not read to its end nobody knows what it holds.
    pub fn forget_coverage(&mut self) {
        self.not_covered.clear();
    }

    /// The closing line.
    pub fn summary(&self, join: &Join) -> String {
        let counts = self.counts(join);
        let n = |name: &str| counts.get(name).copied().unwrap_or(0);
        let keys = n("ok") + n("diff") + n("inconclusive") + n("pending");
        let differ = if n("diff") == 1 || keys == 1 { "differs" } else { "differ" };
        let keys = counted(keys, "key");
        let mut text =
            format!("{} of {keys} {differ} ({} missing, {} mismatch)", n("diff"), n("missing"), n("mismatch"));
        let mut add = |count: u64, what: String| {
            if count > 0 {
                text.push_str(&format!(", {what}"));
            }
        };
        add(self.excepted, format!("{} of them excepted", self.excepted));
        for name in ["late", "repaired", "inconclusive", "pending"] {
            add(n(name), format!("{} {name}", n(name)));
        }
        add(n("unauthorized"), counted(n("unauthorized"), "unauthorised write"));
        add(n("poison"), counted(n("poison"), "unreadable record"));
        text.push_str(&format!("; {} read", counted(n("read"), "record")));
        if self.schema_blocks {
            text.push_str("; column types from schema blocks");
        }
        if !self.home_checked {
            text.push_str("; writes outside the home region not checked (no --tenants)");
        }
        text
    }
}

fn tally_of(counts: &Counts) -> Tally {
    let n = |name: &str| counts.get(name).copied().unwrap_or(0);
    Tally {
        rows: n("rows"),
        tombstones: n("tombstones"),
        control: n("control"),
        poison: n("poison"),
        sampled_out: n("sampled_out"),
        origin_unknown: n("origin_unknown"),
    }
}

/// `kind.column` of everything that the verdicts say nothing about.
pub fn not_compared(types: &Types, read: &Read) -> Vec<String> {
    let mut all = Vec::new();
    for table in &types.tables {
        all.extend(table.ignore.keys().map(|name| format!("{}.{name}", table.kind)));
        all.extend(
            table.columns.iter().filter(|(_, c)| c.lossy().is_some()).map(|(name, _)| format!("{}.{name}", table.kind)),
        );
    }
    for notes in &read.notes {
        for code in [Code::SchemaColumn, Code::LossyColumn] {
            all.extend(notes.subjects(code).map(|(kind, name)| format!("{kind}.{name}")));
        }
    }
    all.sort();
    all.dedup();
    all
}

fn inputs(feeds: &[Feed], read: &Read) -> Vec<Input> {
    let mut all = Vec::new();
    for (feed, end) in feeds.iter().zip(&read.ends) {
        let mut input = Input::named(fs::record_name(&feed.name));
        input.lines = (end.lines > 0).then_some(end.lines);
        input.bytes = (end.bytes > 0).then_some(end.bytes);
        input.run_id = end.run_ids.first().cloned();
        all.push(input);
    }
    all
}
