//! Why a record cannot be used, and where in its line.

use crate::json::scan::Fault;

/// Stops the run: the input contradicts the configuration.
#[derive(Debug)]
pub struct Refused {
    pub message: String,
    pub hint: Option<String>,
}

/// Other connectors spell rows, versions and missing values in ways that this decoding does not know. After rows of
/// PostgreSQL a record of another connector is damaged: its cause.
pub fn foreign(topic: &str, connector: &str, after_rows: bool) -> Result<Refused, String> {
    if after_rows {
        return Err(format!("`{connector}` is not Debezium's connector for PostgreSQL"));
    }
    Ok(Refused {
        message: format!(
            "the events of `{topic}` are those of Debezium's connector for {connector}; only PostgreSQL's are read"
        ),
        hint: Some("take this table out of types.yaml, or its topic out of the recording".into()),
    })
}

/// A byte of the line, or of the key or value that the line holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Line(usize),
    Key(usize),
    Value(usize),
}

pub(super) enum Stop {
    Poison { cause: String, at: Option<At> },
    Refused(Refused),
}

pub(super) type Step<T> = Result<T, Stop>;

impl Stop {
    pub fn poison(cause: impl Into<String>) -> Stop {
        Stop::Poison { cause: cause.into(), at: None }
    }

    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Stop {
        Stop::Refused(Refused { message: message.into(), hint: Some(hint.into()) })
    }

    pub fn in_line(f: Fault) -> Stop {
        Stop::Poison { cause: f.what.to_owned(), at: Some(At::Line(f.at)) }
    }

    /// `place`: where in the line a byte of its key or value stands.
    pub fn placed(self, place: impl Fn(At) -> usize) -> Stop {
        match self {
            Stop::Poison { cause, at: Some(at) } => Stop::Poison { cause, at: Some(At::Line(place(at))) },
            other => other,
        }
    }
}

/// Faults are those of a value where nothing else is said.
impl From<Fault> for Stop {
    fn from(f: Fault) -> Self {
        Stop::Poison { cause: f.what.to_owned(), at: Some(At::Value(f.at)) }
    }
}

/// A cause with its byte, counted from 1.
pub(super) fn in_words(cause: String, at: Option<At>) -> String {
    match at {
        Some(At::Line(at) | At::Key(at) | At::Value(at)) => format!("{cause} (byte {})", at + 1),
        None => cause,
    }
}
