//! The processes that decide: a child for each thread, asked about many lines at a time. Where it dies, another takes its
//! place and is asked about each of these lines alone, so no line suffers from what another one does to the process.

mod wire;

use std::ops::Range;
use std::sync::Arc;

pub use self::wire::{Answers, Lines, What};
use super::worker::{self, Limits};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::io::child::{Child, Parent};
use crate::tenant::decide::{Decider, Order, Plan};

/// What the child is called.
pub const NAME: &str = "decide";

/// What all threads share.
pub struct Engines {
    /// The order with its limits, as it is sent.
    order: Vec<u8>,
    plan: Plan,
    limits: Limits,
    interrupt: Interrupt,
}

impl Engines {
    pub fn new(order: Order, limits: Limits, interrupt: Interrupt) -> Result<Engines> {
        Ok(Engines { order: limits.order(&order)?, plan: Plan::new(order), limits, interrupt })
    }
}

/// One thread's child.
pub struct Engine {
    shared: Arc<Engines>,
    child: Option<Child>,
}

impl Engine {
    /// The child is started when it is needed: few requests need one only, and large data take a while to load.
    pub fn new(shared: Arc<Engines>) -> Engine {
        Engine { shared, child: None }
    }

    /// Answers in the order of the lines; not all, where [`InARow`] of them ended their process.
    pub fn decide(&mut self, lines: &Lines, answers: &mut Answers) -> Result<()> {
        if self.ask(lines, 0..lines.len(), answers)?.is_none() {
            return Ok(());
        }
        let mut lost = InARow::default();
        for at in 0..lines.len() {
            if let Some(why) = self.ask_alone(lines, at, answers)? {
                let (index, why) = (lines.first + at as u64, format!("the evaluation {why}"));
                let undecided = |out: &mut Vec<u8>| self.shared.plan.undecided(index, lines.line(at), why, out);
                answers.add(|out| undecided(out).map_or_else(What::Unreadable, |()| What::Lost));
            }
            if answers.iter().last().is_some_and(|(what, _)| lost.too_many_with(what)) {
                break;
            }
        }
        Ok(())
    }

    /// What ended the process. It counts only of a process that decided nothing before, which may have needed memory too.
    fn ask_alone(&mut self, lines: &Lines, at: usize, answers: &mut Answers) -> Result<Option<String>> {
        loop {
            let fresh = self.child.is_none();
            match self.ask(lines, at..at + 1, answers)? {
                Some(_) if !fresh => {}
                ended => return Ok(ended),
            }
        }
    }

    /// None where the child answered, else what ended it.
    fn ask(&mut self, lines: &Lines, asked: Range<usize>, answers: &mut Answers) -> Result<Option<String>> {
        let mut child = match self.child.take() {
            Some(child) => child,
            None => self.shared.start()?,
        };
        let Engines { limits, interrupt, .. } = self.shared.as_ref();
        let (head, text) = lines.question(asked);
        child.tell(&[&head, text]);
        match child.hear(limits.go_on(interrupt))? {
            Ok(frame) => {
                answers.extend(&frame).ok_or_else(|| Error::bug("the process that decides gave no answer"))?;
                child.give_back(frame);
                self.child = Some(child);
                Ok(None)
            }
            Err(ended) => {
                interrupt.check()?;
                Ok(Some(limits.cause(&ended)))
            }
        }
    }
}

impl Engines {
    fn start(&self) -> Result<Child> {
        let mut child = worker::start(NAME, &self.order)?;
        match child.hear(self.limits.go_on(&self.interrupt))? {
            Ok(started) => match serde_json::from_slice::<std::result::Result<(), String>>(&started) {
                Ok(Ok(())) => Ok(child),
                Ok(Err(e)) => Err(Error::bug(format!("the policy cannot be started: {e}"))),
                Err(e) => Err(Error::bug(format!("the process that decides gave no answer: {e}"))),
            },
            Err(ended) => {
                self.interrupt.check()?;
                let cause = self.limits.cause(&ended);
                Err(Error::input(format!("engine_crash: the policy with its data, before any request, {cause}"))
                    .hint("--timeout and --memory set the limits of each process that decides"))
            }
        }
    }
}

/// Lines in a row whose evaluation ended the process. What is unreadable is not evaluated, and counts for nothing.
#[derive(Default)]
pub struct InARow(usize);

impl InARow {
    /// From then on nothing else is expected.
    pub const MOST: usize = 16;

    pub fn too_many_with(&mut self, what: &What) -> bool {
        match what {
            What::Lost => self.0 += 1,
            What::Decided(_) => self.0 = 0,
            What::Unreadable(_) => {}
        }
        self.0 >= Self::MOST
    }
}

/// The child's side: says that it has started, then answers question by question.
pub fn serve(order: Order, parent: &mut Parent) -> Exit {
    let (decider, started) = match Decider::new(Arc::new(Plan::new(order))) {
        Ok(decider) => (Some(decider), Ok(())),
        Err(e) => (None, Err(e)),
    };
    let told = serde_json::to_vec(&started).map_err(std::io::Error::from).and_then(|said| parent.tell(&[&said]));
    let (Some(mut decider), Ok(())) = (decider, told) else { return Exit::Bug };
    let mut answers = Answers::default();
    while let Some(question) = parent.hear() {
        let Some(lines) = wire::asked(&question) else { return Exit::Bug };
        answers.clear();
        for (index, line) in lines {
            answers.add(|out| match decider.line(index, line, out) {
                Ok(verdict) => What::Decided(verdict),
                Err(why) => {
                    out.extend_from_slice(why.message.as_bytes());
                    What::Unreadable(why)
                }
            });
        }
        let (head, text) = answers.parts();
        if parent.tell(&[&head, text]).is_err() {
            return Exit::Environment;
        }
        parent.give_back(question);
    }
    Exit::Clean
}
