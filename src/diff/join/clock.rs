//! How far a side can be trusted in time: its watermark, and whether its connector stalls or catches up.

/// A side is stalled after this many heartbeats without a sign of life.
const STALL_HEARTBEATS: i64 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Normal,
    /// The watermark stands still.
    Stalled {
        watermark_ms: i64,
    },
    /// The watermark is the commit time of the newest event less the safety margin.
    CatchingUp {
        watermark_ms: i64,
        stalled: bool,
    },
}

#[derive(Debug)]
pub struct Clock {
    heartbeat_ms: i64,
    disorder_ms: i64,
    /// A side can stall only if its heartbeat topic is in the input.
    beats: bool,
    alive_ms: i64,
    state: State,
    /// Start of the stall or catch-up that goes on.
    since_ms: i64,
    quiet_beats: u32,
    /// Times in which the side stalled or caught up.
    pauses: Vec<(i64, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Stalled,
    Resumed,
}

impl Clock {
    pub fn new(heartbeat_ms: i64, disorder_ms: i64) -> Self {
        Clock {
            heartbeat_ms,
            disorder_ms,
            beats: false,
            alive_ms: i64::MIN,
            state: State::Normal,
            since_ms: 0,
            quiet_beats: 0,
            pauses: Vec::new(),
        }
    }

    /// Verdicts with a deadline below this may be made; `now` is the log time that all sides were read to.
    pub fn watermark(&self, now: i64) -> i64 {
        match self.state {
            State::Normal => now,
            State::Stalled { watermark_ms } | State::CatchingUp { watermark_ms, .. } => watermark_ms.min(now),
        }
    }

    pub fn is_stalled(&self) -> bool {
        matches!(self.state, State::Stalled { .. })
    }

    /// The log of either side has reached `now`.
    pub fn advance(&mut self, now: i64) -> Option<Change> {
        let silent = self.beats && self.alive_ms > i64::MIN && self.silent(now);
        if !silent || self.is_stalled() {
            return None;
        }
        let watermark_ms = match self.state {
            State::CatchingUp { watermark_ms, .. } => watermark_ms,
            _ => {
                self.since_ms = self.alive_ms;
                self.alive_ms - self.disorder_ms
            }
        };
        self.state = State::Stalled { watermark_ms };
        Some(Change::Stalled)
    }

    /// The last sign of life lies too far back.
    pub fn silent(&self, now: i64) -> bool {
        now.saturating_sub(self.alive_ms) > STALL_HEARTBEATS * self.heartbeat_ms
    }

    /// A heartbeat of this side's connector at log time `now`.
    pub fn heartbeat(&mut self, now: i64) -> Option<Change> {
        self.beats = true;
        self.alive_ms = self.alive_ms.max(now);
        self.quiet_beats += 1;
        match self.state {
            // The connector lives, but what it missed may still come.
            State::Stalled { watermark_ms } => {
                self.state = State::CatchingUp { watermark_ms, stalled: true };
                self.quiet_beats = 1;
                None
            }
            State::CatchingUp { stalled, .. } if self.quiet_beats >= 2 => self.resume(now, stalled),
            _ => None,
        }
    }

    /// An event of this side at log time `now`, committed at `source_ms`.
    pub fn event(&mut self, now: i64, source_ms: Option<i64>) -> Option<Change> {
        self.alive_ms = self.alive_ms.max(now);
        self.quiet_beats = 0;
        let source_ms = source_ms?;
        let behind = self.beats && now - source_ms > self.heartbeat_ms;
        let committed = source_ms - self.disorder_ms;
        match (self.state, behind) {
            (State::Normal, false) => None,
            (State::Normal, true) => {
                self.since_ms = now;
                self.state = State::CatchingUp { watermark_ms: committed, stalled: false };
                None
            }
            (State::Stalled { watermark_ms }, true) => {
                self.state = State::CatchingUp { watermark_ms: watermark_ms.max(committed), stalled: true };
                None
            }
            (State::CatchingUp { watermark_ms, stalled }, true) => {
                self.state = State::CatchingUp { watermark_ms: watermark_ms.max(committed), stalled };
                None
            }
            (State::Stalled { .. }, false) => self.resume(now, true),
            (State::CatchingUp { stalled, .. }, false) => self.resume(now, stalled),
        }
    }

    fn resume(&mut self, now: i64, stalled: bool) -> Option<Change> {
        self.pauses.push((self.since_ms, now));
        self.state = State::Normal;
        stalled.then_some(Change::Resumed)
    }

    /// The end of the input ends a stall where it counts as the end of the log.
    pub fn end(&mut self, now: i64) {
        if self.state != State::Normal {
            self.pauses.push((self.since_ms, now));
            self.state = State::Normal;
        }
    }

    /// Log time within `from..to` that this side spent stalled or catching up.
    pub fn paused_between(&self, from: i64, to: i64) -> i64 {
        let current = (self.state != State::Normal).then_some((self.since_ms, to));
        self.pauses.iter().copied().chain(current).map(|(a, b)| (b.min(to) - a.max(from)).max(0)).sum()
    }

    /// Log time spent stalled or catching up in all.
    pub fn paused_ms(&self) -> i64 {
        self.pauses.iter().map(|(a, b)| b - a).sum()
    }
}
