//! Streams of records that verbs of several nouns read.

use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::io::records::{Item, Next, RecordReader};
use crate::ui::Ui;

/// What became of an input.
#[must_use]
pub struct Ended {
    pub exit: Exit,
    /// Why nothing can be concluded from what was read; the first reason.
    pub why: Option<String>,
}

impl Ended {
    pub fn clean() -> Ended {
        Ended { exit: Exit::Clean, why: None }
    }

    pub fn failed(&mut self, exit: Exit, why: impl FnOnce() -> String) {
        self.exit = self.exit.and(exit);
        self.why.get_or_insert_with(why);
    }

    pub fn unreadable(&mut self, ui: &Ui, e: &Error) {
        ui.error(e);
        self.failed(Exit::Input, || e.message.clone());
    }
}

/// Gives every item to `each`. What cannot be read is reported with its position and skipped; the exit code is that
/// of the input's state: 3 for bad lines, or a stream that is not the one that its producer wrote.
pub fn read_all(ui: &Ui, reader: &mut RecordReader, mut each: impl FnMut(Item<'_>) -> Result<()>) -> Result<Ended> {
    let mut ended = Ended::clean();
    loop {
        let result = match reader.next_item() {
            Ok(Next::End) => break,
            Ok(Next::Item(item)) => each(item),
            Ok(Next::Bad(e)) => Err(e),
            Err(e) if e.kind == Kind::Input => {
                ended.unreadable(ui, &e);
                return Ok(ended);
            }
            Err(e) => return Err(e),
        };
        match result {
            Err(e) if e.kind == Kind::Input => ended.unreadable(ui, &e),
            other => other?,
        }
    }
    if let Err(e) = reader.check_complete() {
        ended.unreadable(ui, &e);
    }
    Ok(ended)
}
