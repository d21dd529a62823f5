//! The exit codes of the whole program. They are part of its interface: nothing else may invent one.

/// How a run ended. The numeric value is the process exit code and the `outcome` of the end record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, nothing found.
    Clean = 0,
    /// Done, and something was found: a difference, a violation, a failed check.
    Found = 1,
    /// Wrong usage or configuration; no work was done.
    Usage = 2,
    /// Unusable or truncated input; what could be read was processed.
    Input = 3,
    /// The environment failed (file system, network); a retry may help.
    Environment = 4,
    /// Side effects were applied only in part.
    Partial = 5,
    /// A bug in govctl.
    Bug = 70,
}

/// When several codes apply to one run, the first of these wins.
const PRECEDENCE: [Exit; 7] =
    [Exit::Bug, Exit::Partial, Exit::Input, Exit::Environment, Exit::Usage, Exit::Found, Exit::Clean];

impl Exit {
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Combines the outcomes of two parts of a run.
    pub fn and(self, other: Exit) -> Exit {
        PRECEDENCE.into_iter().find(|e| *e == self || *e == other).unwrap_or(Exit::Bug)
    }

    /// What the outcome of an upstream run makes of its reader's: a pipe carries no exit code, so a producer that could not do
    /// its work must not turn into a pass. After a usage error nothing was made that could be read. What it found is for
    /// the reader to judge.
    pub fn of_producer(outcome: u8) -> Option<Exit> {
        let fatal = [Exit::Input, Exit::Environment, Exit::Partial, Exit::Bug].map(|exit| (exit, exit));
        let known = fatal.into_iter().chain([(Exit::Usage, Exit::Input)]);
        known.into_iter().find_map(|(of, exit)| (of.code() == outcome).then_some(exit))
    }

    /// `Found` if the condition holds, else `Clean`.
    pub fn found(condition: bool) -> Exit {
        if condition { Exit::Found } else { Exit::Clean }
    }
}

/// The table that every `--help` ends with and docs/exit-codes.md is made from.
pub const TABLE: &[(u8, &str)] = &[
    (0, "done, nothing found"),
    (1, "done and found something (difference, violation, failed check)"),
    (2, "usage or configuration error, no work was done"),
    (3, "unusable or truncated input; the rest was processed"),
    (4, "environment (file system, network, memory cap); a retry may help"),
    (5, "side effects partly done"),
    (70, "a bug in govctl"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_producer_fails_its_reader() {
        let of = |outcome: u8| Exit::of_producer(outcome).map(Exit::code);
        assert_eq!([0, 1, 2, 3, 4, 5, 70].map(of), [None, None, Some(3), Some(3), Some(4), Some(5), Some(70)]);
    }

    #[test]
    fn precedence_is_70_5_3_4_1() {
        assert_eq!(Exit::Found.and(Exit::Input), Exit::Input);
        assert_eq!(Exit::Environment.and(Exit::Input), Exit::Input);
        assert_eq!(Exit::Found.and(Exit::Environment), Exit::Environment);
        assert_eq!(Exit::Partial.and(Exit::Input), Exit::Partial);
        assert_eq!(Exit::Bug.and(Exit::Partial), Exit::Bug);
        assert_eq!(Exit::Clean.and(Exit::Found), Exit::Found);
        assert_eq!(Exit::Clean.and(Exit::Clean), Exit::Clean);
    }
}
