//! What the verbs that read a diff stream share: the exception list, the upstream runs, the outcome of a producer.

use crate::diff::exceptions::Exceptions;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::io::fs;
use crate::io::records::{Item, RecordReader};
use crate::record::diff::{Diff, State, Triage};
use crate::record::run::Input;
use crate::text::sha256_hex;
use crate::ui::Ui;

pub use crate::cmd::upstream::{Ended, read_all};

/// The commands whose streams say of every difference whether it is open.
const PRODUCERS: [&str; 2] = ["diff run", "diff triage"];

/// Reads and checks an exception list; the second value is its entry in the inputs of the run.
pub fn load_exceptions(path: &str, max_ttl_ms: Option<i64>) -> Result<(Exceptions, Input)> {
    let text = fs::read_small_text(path)?;
    let mut exceptions = Exceptions::parse(&text, path, max_ttl_ms)?;
    exceptions.file = fs::record_name(path);
    let mut input = Input::named(exceptions.file.clone());
    input.sha256 = Some(sha256_hex(text.as_bytes()));
    input.bytes = Some(text.len() as u64);
    Ok((exceptions, input))
}

/// One input per upstream run, or the bare source.
pub fn inputs_of(reader: &RecordReader) -> Vec<Input> {
    let name = fs::record_name(&reader.name);
    let input = |run_id: Option<&String>| Input { run_id: run_id.cloned(), ..Input::named(name.clone()) };
    match reader.upstream.as_slice() {
        [] => vec![input(None)],
        runs => runs.iter().map(|id| input(Some(id))).collect(),
    }
}

/// As [`read_all`], for a stream that a producer must have written: an empty one, or one of foreign lines, is no pass. A pipe
/// carries no exit code, so a producer that could not conclude, or was refused, must not turn into a pass either.
pub fn read_upstream(ui: &Ui, reader: &mut RecordReader, each: impl FnMut(Item<'_>) -> Result<()>) -> Result<Ended> {
    let mut ended = read_all(ui, reader, each)?;
    if let Some(command) = reader.commands.iter().find(|command| !PRODUCERS.contains(&command.as_str())) {
        let text = format!("a stream of `govctl {command}`, which holds no verdicts on all keys");
        let error = Error::input(text).at_file(&reader.name);
        ended.unreadable(ui, &error.hint("read the output of `govctl diff run` or `diff triage`"));
    }
    if let Err(e) = reader.check_produced() {
        ended.unreadable(ui, &e);
    }
    for outcome in &reader.outcomes {
        if let Some(exit) = Exit::of_producer(*outcome) {
            ended.failed(exit, || format!("its producer ended with {outcome}"));
        }
    }
    Ok(ended)
}

/// A producer that found something which no open difference explains: undecided keys, an error finding, late rows.
/// What is not a difference cannot be excused here.
pub fn unexplained(ui: &Ui, reader: &RecordReader, explained: bool) -> Ended {
    let mut ended = Ended::clean();
    if explained || !reader.outcomes.contains(&Exit::Found.code()) {
        return ended;
    }
    let text = "its producer ended with 1 for more than the open differences in the stream";
    let hint = "look at its error findings and at its end record: undecided keys (`inconclusive`) are no pass either";
    ui.warn(&Error::input(text).at_file(&reader.name).hint(hint));
    ended.failed(Exit::Found, || text.to_owned());
    ended
}

/// The diff is open and not excused: a reason for a producer to end with 1.
pub fn explains(diff: &Diff) -> bool {
    diff.state == State::Open && diff.triage != Some(Triage::Excepted)
}
