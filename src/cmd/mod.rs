//! One file per subcommand: its arguments and its orchestration. What all commands share is here.

pub mod anomaly;
pub mod diff;
pub mod evidence;
pub mod index;
pub mod key;
mod letters;
pub mod paths;
mod session;
pub mod tenant;
mod upstream;
pub mod util;

pub use session::{Outcome, Session};

use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueHint};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::evidence::{Region, Seal};
use crate::interrupt::Interrupt;
use crate::io::sink;
use crate::record::Doc;
use crate::ui::{Color, Format, LogFormat, Ui};

/// The last line of every `--help`; exit::TABLE in short.
pub const EXIT_CODES: &str = "Exit codes: 0 done, nothing found · 1 found something · 2 usage or configuration · 3 unusable or cut input · 4 environment · 5 partly done · 70 a bug";

/// The end of every `--help`: two examples, which a test runs, and the exit codes.
pub fn after_help(examples: [&str; 2]) -> String {
    format!("Examples:\n  {}\n  {}\n\n{EXIT_CODES}", examples[0], examples[1])
}

/// Every finding code of every noun, by code.
pub fn finding_codes() -> Vec<Doc> {
    let mut docs = crate::diff::code::table();
    docs.extend(crate::anomaly::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::tenants::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::policy::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::tenant::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::tenant::compare::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::evidence::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::bundle::code::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::index::refusal::Code::ALL.iter().map(|code| code.doc()));
    docs.extend(crate::index::Code::ALL.iter().map(|code| code.doc()));
    docs.sort_by_key(|doc| doc.code);
    docs
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// How records appear on standard output
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "FORMAT")]
    pub format: Format,
    /// Colour on standard error; NO_COLOR switches it off too
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
    /// Only errors on standard error
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Also remarks on standard error: what was read, what was counted
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Errors and warnings as text or as JSON lines
    #[arg(long, global = true, value_enum, default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Do not read govctl.toml
    #[arg(long, global = true)]
    pub no_config: bool,
    /// Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of
    /// the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)
    #[arg(long, global = true, value_name = "TIME")]
    pub now: Option<String>,
    /// Seed of everything random
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// Leave out the govctl.run/1 records
    #[arg(long, global = true)]
    pub no_run_records: bool,
    /// Write a run directory with outputs and manifest into this folder
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub evidence: Option<String>,
    /// Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub evidence_key: Option<String>,
    /// Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish`
    /// the region of the manifests
    #[arg(long, global = true, value_name = "REGION", value_parser = Region::parse)]
    pub region: Option<Region>,
}

impl Global {
    /// How evidence is signed and chained. The key is read and checked before anything else is done.
    fn seal(&self, of_region: bool) -> Result<Seal> {
        let given =
            [("--evidence-key", self.evidence_key.is_some()), ("--region", self.region.is_some() && !of_region)];
        if let Some((flag, _)) = given.iter().find(|(_, given)| *given && self.evidence.is_none()) {
            return Err(
                Error::usage(format!("{flag} is about evidence")).hint("give --evidence DIR too, or leave it out")
            );
        }
        Ok(Seal { key: self.evidence_key.as_deref().map(key::private).transpose()?, region: self.region.clone() })
    }
}

/// What a command needs besides its own arguments.
pub struct Ctx {
    pub ui: Ui,
    pub clock: Clock,
    pub seed: Option<u64>,
    pub run_records: bool,
    pub evidence: Option<String>,
    /// How evidence is signed and chained.
    pub seal: Seal,
    /// The arguments after the program's name, defaults of govctl.toml included.
    pub argv: Vec<String>,
    pub interrupt: Interrupt,
    /// A page of findings was begun, or refused: no other one is to be written.
    rendered: AtomicBool,
}

impl Ctx {
    /// `of_region`: the command's own work is about a region, whether it leaves evidence or not.
    pub fn new(global: &Global, ui: Ui, argv: Vec<String>, of_region: bool) -> Result<Self> {
        Ok(Ctx {
            ui,
            clock: Clock::new(global.now.as_deref())?,
            seed: global.seed,
            run_records: !global.no_run_records,
            evidence: global.evidence.clone(),
            seal: global.seal(of_region)?,
            argv,
            interrupt: Interrupt::install()?,
            rendered: AtomicBool::new(false),
        })
    }
}

impl Ctx {
    /// For a run that ended before it had a page of findings: an empty one would look like a pass.
    pub fn show_failure(&self, error: &Error) {
        if !error.cut_off() && !self.rendered.load(Ordering::Relaxed) {
            // The error is told in any case.
            let _ = sink::print_failure(self.ui.format, error);
        }
    }

    /// No page of findings is written, nor one that says so.
    fn refuse_page(&self) {
        self.rendered.store(true, Ordering::Relaxed);
    }

    /// Refuses the formats that show findings, for what has none: an empty page would look like a pass. `what` has none.
    pub fn needs_no_findings(&self, what: &str) -> Result<()> {
        match self.ui.format {
            Format::Sarif | Format::Junit | Format::Github => {
                self.refuse_page();
                Err(Error::usage(format!("--format: {what} has no findings, which sarif, junit and github show"))
                    .hint("leave --format out, or give human or ndjson; `govctl diff run` has findings"))
            }
            Format::Auto | Format::Human | Format::Ndjson => Ok(()),
        }
    }
}

/// Threads for work that can be shared: as many as were asked for, else one for each processor.
pub fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// The value parser of every duration flag; the value is in milliseconds.
pub fn duration(text: &str) -> std::result::Result<i64, String> {
    crate::clock::parse_duration_ms(text)
}
