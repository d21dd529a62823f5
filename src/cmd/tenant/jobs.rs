//! The kinds of work that a child process does.

use serde::{Deserialize, Serialize};

use super::engine;
use super::policy::refuse;
use super::trial::Trial;
use super::worker::{self, Job, Limits, serve_job};
use crate::cmd::Ctx;
use crate::error::{self, Error};
use crate::exit::Exit;
use crate::policy::suite::{self, Pattern, Told};
use crate::policy::{Fault, Sources};
use crate::record::tenant::{Coverage, Mutant, Outcome, Test};
use crate::tenant::compare;
use crate::tenant::mutation::by_tests;
use crate::tenant::prove::{self, Answer, Failed, Question};

/// Does the work of this name, as the child.
pub fn main(name: &str) -> Exit {
    match name {
        Check::NAME => serve_job::<Check>(),
        Proving::NAME => serve_job::<Proving>(),
        Comparing::NAME => serve_job::<Comparing>(),
        Testing::NAME => serve_job::<Testing>(),
        Trial::NAME => serve_job::<Trial>(),
        engine::NAME => worker::serve(engine::serve),
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

    fn policy(&self) -> &Sources {
        &self.sources
    }

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

    fn policy(&self) -> &Sources {
        &self.0.sources
    }

    fn run(self, tell: &mut dyn FnMut((u64, u64))) -> Self::Done {
        prove::prove(&self.0, &mut sparing(tell))
    }
}

/// Decides every point of two states of policy and data.
#[derive(Serialize, Deserialize)]
pub struct Comparing(pub compare::Question);

impl Job for Comparing {
    const NAME: &'static str = "compare";
    type Event = (u64, u64);
    type Done = Result<compare::Answer, Failed>;

    fn policy(&self) -> &Sources {
        &self.0.head.sources
    }

    fn run(self, tell: &mut dyn FnMut((u64, u64))) -> Self::Done {
        compare::compare(&self.0, &mut sparing(tell))
    }
}

/// Asks about all points of a domain, with a progress bar. A fault is one that killed the child; a policy that is refused is a
/// mistake of configuration.
pub fn ask<J, T>(ctx: &Ctx, limits: &Limits, job: J) -> error::Result<Result<T, Fault>>
where
    J: Job<Event = (u64, u64), Done = Result<T, Failed>>,
{
    let mut progress = None;
    let done = worker::run(ctx, limits, job, |(done, all)| {
        progress.get_or_insert_with(|| ctx.ui.progress_of(all)).set(done);
        Ok(())
    })?;
    match done {
        Err(fault) => Ok(Err(fault)),
        Ok(Ok(answer)) => Ok(Ok(answer)),
        Ok(Err(Failed::Policy(faults))) => {
            refuse(ctx, faults)?;
            Err(Error::bug("a policy was refused without a reason"))
        }
        Ok(Err(Failed::Engine(text))) => Err(Error::bug(format!("engine_disagreement: {text}"))),
    }
}

/// A hundred lines are enough for a progress bar.
fn sparing(tell: &mut dyn FnMut((u64, u64))) -> impl FnMut(u64, u64) {
    let mut told = 0;
    move |done, all| {
        if done * 100 / all.max(1) > told {
            told = done * 100 / all.max(1);
            tell((done, all));
        }
    }
}

/// Runs the tests of a policy, those that a regular expression means.
#[derive(Serialize, Deserialize)]
pub struct Testing {
    pub sources: Sources,
    pub run: Option<String>,
    /// Hold changed policies against the tests, on so many threads.
    pub mutation: Option<usize>,
}

/// What was measured of the tests.
#[derive(Serialize, Deserialize)]
pub struct Measured {
    pub coverage: Vec<Coverage>,
    /// None where no mutation was asked for, or a test did not pass: then the tests can tell nothing.
    pub mutants: Option<Vec<Mutant>>,
}

impl Job for Testing {
    const NAME: &'static str = "test";
    type Event = Told;
    type Done = Result<Measured, suite::Failed>;

    fn policy(&self) -> &Sources {
        &self.sources
    }

    fn run(self, tell: &mut dyn FnMut(Told)) -> Self::Done {
        let meant = self.run.as_deref().map(str::parse::<Pattern>).transpose().map_err(suite::Failed::Measure)?;
        let (mut ran, mut passed) = (false, true);
        let coverage = suite::test(&self.sources, meant.as_ref(), &mut |told| {
            if let Told::Ended(tests) = &told {
                let skipped = |test: &&Test| test.outcome == Outcome::Skipped;
                ran |= tests.iter().any(|test| !skipped(&test));
                passed &= tests.iter().all(|test| skipped(&test) || test.outcome == Outcome::Pass);
            }
            tell(told);
        })?;
        let mutants = match self.mutation.filter(|_| ran && passed) {
            Some(jobs) => Some(by_tests(&self.sources, jobs).map_err(suite::Failed::Measure)?),
            None => None,
        };
        Ok(Measured { coverage, mutants })
    }
}
