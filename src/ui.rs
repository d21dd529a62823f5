//! Everything that goes to standard error: errors, warnings, progress and the closing line.
#![expect(clippy::disallowed_methods, reason = "this module asks whether standard output is a terminal")]

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::terminal_size_of;

use crate::error::{Error, Kind};
use crate::text::visible;

/// How records appear on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Tables on a terminal, NDJSON in a pipe.
    Auto,
    Human,
    Ndjson,
    /// Findings as SARIF 2.1.0.
    Sarif,
    /// Findings as JUnit XML.
    Junit,
    /// Findings as GitHub workflow commands.
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Progress appears only when a run takes longer than this.
const PROGRESS_AFTER: Duration = Duration::from_millis(250);

#[derive(Debug, Clone)]
pub struct Ui {
    pub format: Format,
    pub color: bool,
    /// Of the terminal behind standard output, in characters; None where there is none.
    pub width: Option<usize>,
    stdout_terminal: bool,
    quiet: bool,
    verbose: bool,
    log_json: bool,
    stderr_terminal: bool,
}

impl Ui {
    pub fn new(format: Format, color: Color, quiet: bool, verbose: bool, log: LogFormat, no_color: bool) -> Self {
        let stdout_terminal = std::io::stdout().is_terminal();
        let stderr_terminal = std::io::stderr().is_terminal();
        let format = match format {
            Format::Auto if stdout_terminal => Format::Human,
            Format::Auto => Format::Ndjson,
            other => other,
        };
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stderr_terminal && !no_color,
        };
        let width = terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
        let log_json = log == LogFormat::Json;
        Ui { format, color, width, stdout_terminal, quiet, verbose, log_json, stderr_terminal }
    }

    pub fn error(&self, error: &Error) {
        if error.kind == Kind::ClosedPipe {
            return;
        }
        self.log("error", "31", error);
    }

    pub fn warn(&self, warning: &Error) {
        if !self.quiet {
            self.log("warning", "33", warning);
        }
    }

    /// A remark for `-v`.
    pub fn detail(&self, message: &str) {
        if self.verbose {
            self.log("note", "36", &Error::input(message));
        }
    }

    /// The closing line stands where the texts for people are read, unless standard error is read beside them.
    pub fn closes_on_stdout(&self) -> bool {
        self.format == Format::Human && !(self.stdout_terminal && self.stderr_terminal)
    }

    /// The one line at the end of a run on a terminal.
    pub fn closing(&self, message: &str) {
        if self.stderr_terminal && !self.quiet && !self.log_json {
            self.line(&visible(message));
        }
    }

    pub fn progress(&self, total_bytes: Option<u64>) -> Progress {
        let template = match total_bytes {
            Some(_) => "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} eta {eta} {msg}",
            None => "{spinner} {bytes} {bytes_per_sec} {msg}",
        };
        self.bar(total_bytes, template)
    }

    /// Of work that is counted, not read.
    pub fn progress_of(&self, total: u64) -> Progress {
        self.bar(Some(total), "{bar:30} {human_pos}/{human_len} {per_sec} eta {eta}")
    }

    fn bar(&self, total: Option<u64>, template: &str) -> Progress {
        if !self.stderr_terminal || self.quiet || self.log_json {
            return Progress(None);
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Progress(Some(bar))
    }

    fn log(&self, level: &str, ansi: &str, error: &Error) {
        if self.log_json {
            let place = error.place.as_ref();
            let line = serde_json::json!({
                "level": level,
                "message": visible(&error.message),
                "file": place.map(|p| &p.file),
                "line": place.and_then(|p| p.line),
                "column": place.and_then(|p| p.column),
                "hint": error.hint.as_deref().map(visible),
            });
            return self.line(&line.to_string());
        }
        let (on, off) = if self.color { (format!("\x1b[1;{ansi}m"), "\x1b[0m") } else { (String::new(), "") };
        let mut text = format!("{on}{level}{off}: {}", visible(&error.to_string()));
        for (i, hint) in error.hint.iter().flat_map(|h| h.lines()).enumerate() {
            text.push_str(if i == 0 { "\n  hint: " } else { "\n        " });
            text.push_str(&visible(hint));
        }
        self.line(&text);
    }

    fn line(&self, text: &str) {
        // A closed standard error must not change what the run does.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// A progress bar, or nothing where none is wanted.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    pub fn set(&self, position: u64) {
        if let Some(bar) = &self.0 {
            if bar.elapsed() > PROGRESS_AFTER && bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_position(position);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
