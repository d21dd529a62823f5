//! One error type for the whole program: what went wrong, where, and what to do about it.

use std::fmt;

use crate::exit::Exit;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Flags, configuration or policy files.
    Usage,
    /// Foreign data that cannot be used.
    Input,
    /// File system, network, memory cap.
    Environment,
    /// The reader of our output went away: a quiet end, not a failure.
    ClosedPipe,
    /// SIGINT or SIGTERM arrived.
    Interrupted(i32),
    /// An invariant of govctl broke.
    Bug,
}

/// A place in a file that a person can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub line: Option<u64>,
    pub column: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
    pub place: Option<Place>,
    pub hint: Option<String>,
}

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), place: None, hint: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    pub fn environment(message: impl Into<String>) -> Self {
        Self::new(Kind::Environment, message)
    }

    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Kind::Bug, message)
    }

    pub fn closed_pipe() -> Self {
        Self::new(Kind::ClosedPipe, "the reader of the output closed the pipe")
    }

    pub fn interrupted(signal: i32) -> Self {
        Self::new(Kind::Interrupted(signal), format!("interrupted by signal {signal}"))
    }

    /// An operating-system error about a named file. A wait that a signal ended is no fault of the file.
    pub fn io(name: &str, doing: &str, source: &std::io::Error) -> Self {
        if let Some(interrupted) = Self::cut_off_in(source) {
            return interrupted;
        }
        Self::environment(format!("cannot {doing}: {source}")).at_file(name)
    }

    /// What ended the waiting for a file, where it was not the file.
    pub fn cut_off_in(source: &std::io::Error) -> Option<Self> {
        source.get_ref()?.downcast_ref::<Self>().filter(|e| e.cut_off()).cloned()
    }

    /// The same mistake as another kind of mistake. What was cut off from outside stays what it is.
    pub fn of_kind(self, kind: Kind) -> Self {
        if self.cut_off() { self } else { Error { kind, ..self } }
    }

    pub fn at_file(mut self, file: &str) -> Self {
        self.place = Some(Place { file: file.to_owned(), line: None, column: None });
        self
    }

    pub fn at(mut self, file: &str, line: u64, column: Option<u64>) -> Self {
        self.place = Some(Place { file: file.to_owned(), line: Some(line), column });
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// From outside: by a signal, or because nobody reads the output.
    pub fn cut_off(&self) -> bool {
        matches!(self.kind, Kind::ClosedPipe | Kind::Interrupted(_))
    }

    /// What the shell sees: of a run that a signal ended 128 and its number.
    pub fn status(&self) -> u8 {
        match self.kind {
            Kind::Interrupted(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
            _ => self.exit().code(),
        }
    }

    pub fn exit(&self) -> Exit {
        match self.kind {
            Kind::Usage => Exit::Usage,
            Kind::Input => Exit::Input,
            Kind::Environment => Exit::Environment,
            Kind::ClosedPipe => Exit::Clean,
            Kind::Interrupted(_) => Exit::Environment,
            Kind::Bug => Exit::Bug,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The closest of the known words, when it is close enough to be a likely typing error.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (distance(word, k), k))
        .filter(|(d, k)| *d <= 1 + k.chars().count() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Levenshtein distance over characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replace = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_the_place_first() {
        let e = Error::input("bad base64").at("us.ndjson", 7, Some(3));
        assert_eq!(e.to_string(), "us.ndjson:7:3: bad base64");
        assert_eq!(e.exit(), Exit::Input);
    }

    #[test]
    fn suggestions_need_to_be_close() {
        assert_eq!(did_you_mean("colums", ["columns", "ignore"]), Some("columns"));
        assert_eq!(did_you_mean("zebra", ["columns", "ignore"]), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
