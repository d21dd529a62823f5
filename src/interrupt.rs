//! SIGINT and SIGTERM ask a run to close its evidence as incomplete; a second signal kills at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::error::{Error, Result};

/// Shared by the threads of a run. Holds the number of the signal that arrived, 0 before.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

/// Of this process, for waits far below the run that they end.
static INSTALLED: OnceLock<Interrupt> = OnceLock::new();

impl Interrupt {
    /// Installs the handlers.
    pub fn install() -> Result<Self> {
        let this = Self::default();
        let again = Arc::new(AtomicBool::new(false));
        let failed = |e: std::io::Error| Error::environment(format!("cannot install signal handlers: {e}"));
        for signal in [SIGINT, SIGTERM] {
            // Order matters: the shutdown is armed by the first signal and acts on the second.
            signal_hook::flag::register_conditional_default(signal, again.clone()).map_err(failed)?;
            signal_hook::flag::register(signal, again.clone()).map_err(failed)?;
            signal_hook::flag::register_usize(signal, this.0.clone(), signal as usize).map_err(failed)?;
        }
        let _ = INSTALLED.set(this.clone());
        Ok(this)
    }

    /// An error once a signal has arrived.
    pub fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Error::interrupted(signal as i32)),
        }
    }
}

/// An error once a signal has arrived at this process; where no handlers are installed a signal ends it by itself.
pub fn arrived() -> Result<()> {
    INSTALLED.get().map_or(Ok(()), Interrupt::check)
}

/// Ends the process the way an unhandled signal would, so that the shell sees it.
pub fn die_of(signal: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}
