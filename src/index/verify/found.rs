//! What a check came to, and the way out of one that cannot go on.

use crate::error::{Error, Kind};
use crate::index::{Code, Wrong};
use crate::record::evidence::Status;
use crate::text::without_middle;

/// Longer details are cut: they may repeat what a stranger wrote.
const MAX_DETAIL: usize = 400;

/// Why a check did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub status: Status,
    pub code: Code,
    pub detail: String,
}

impl Found {
    fn new(status: Status, code: Code, detail: impl Into<String>) -> Found {
        Found { status, code, detail: without_middle(&detail.into(), MAX_DETAIL) }
    }

    pub fn fail(code: Code, detail: impl Into<String>) -> Found {
        Found::new(Status::Fail, code, detail)
    }

    /// It has to be known and cannot be told.
    pub fn unverifiable(code: Code, detail: impl Into<String>) -> Found {
        Found::new(Status::Unverifiable, code, detail)
    }

    /// It cannot be told, and need not be.
    pub fn open(code: Code, detail: impl Into<String>) -> Found {
        Found::new(Status::NotEstablished, code, detail)
    }
}

impl From<Wrong> for Found {
    /// What is wrong fails; what is not there leaves open what it would have shown.
    fn from(wrong: Wrong) -> Found {
        match wrong.code {
            Code::TileMissing | Code::StatementMissing => Found::unverifiable(wrong.code, wrong.to_string()),
            code => Found::fail(code, wrong.to_string()),
        }
    }
}

/// Why a check, or all of them, end early.
#[derive(Debug)]
pub enum Stop {
    /// The check is over: this is its answer.
    Found(Found),
    /// The run is over: no answer can be given.
    Failed(Error),
}

impl Stop {
    /// A file that cannot be read as what it is, is the site's fault; a disk that fails is not.
    pub fn reading(error: Error, code: Code) -> Stop {
        match error.kind {
            Kind::Input => Stop::Found(Found::fail(code, error.to_string())),
            _ => Stop::Failed(error),
        }
    }
}

impl From<Found> for Stop {
    fn from(found: Found) -> Stop {
        Stop::Found(found)
    }
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Stop {
        Stop::Found(wrong.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

/// The answer of a check apart from the end of the run.
pub fn answer<T>(result: Result<T, Stop>) -> Result<Result<T, Found>, Error> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Found(found)) => Ok(Err(found)),
        Err(Stop::Failed(error)) => Err(error),
    }
}
