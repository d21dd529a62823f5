//! The kinds of work that a child process does.

use serde::{Deserialize, Serialize};

use super::test::Testing;
use super::trial::Trial;
use super::worker::{Job, serve};
use crate::exit::Exit;
use crate::policy::{Fault, Sources};
use crate::tenant::prove::{self, Answer, Failed, Question};

/// Does the work of this name, as the child.
pub fn main(name: &str) -> Exit {
    match name {
        Check::NAME => serve::<Check>(),
        Proving::NAME => serve::<Proving>(),
        Testing::NAME => serve::<Testing>(),
        Trial::NAME => serve::<Trial>(),
        _ => Exit::Bug,
    }
}

/// Parses, lints and compiles.
#[derive(Serialize, Deserialize)]
pub struct Check {
    pub sources: Sources,
    /// They must be a policy with its entry point, not parts of one.
    pub whole: bool,
}

impl Job for Check {
    const NAME: &'static str = "check";
    type Event = ();
    type Done = Vec<Fault>;

    fn run(self, _tell: &mut dyn FnMut(())) -> Vec<Fault> {
        crate::policy::check(&self.sources, self.whole)
    }
}

/// Decides every point of a domain.
#[derive(Serialize, Deserialize)]
pub struct Proving(pub Question);

impl Job for Proving {
    const NAME: &'static str = "prove";
    type Event = (u64, u64);
    type Done = Result<Answer, Failed>;

    fn run(self, tell: &mut dyn FnMut((u64, u64))) -> Self::Done {
        let mut told = 0;
        prove::prove(&self.0, &mut |done, all| {
            // A hundred lines are enough for a progress bar.
            if done * 100 / all.max(1) > told {
                told = done * 100 / all.max(1);
                tell((done, all));
            }
        })
    }
}
