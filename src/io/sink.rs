//! The one way records leave a command: NDJSON, a table, or a rendering of findings, and a copy into the evidence.
#![expect(clippy::disallowed_methods, reason = "this module is the door to standard output")]

use std::io::{BufWriter, Write};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::io::render;
use crate::record::run::Run;
use crate::record::{Case, Finding, Record, Severity, encode};
use crate::text::visible;
use crate::ui::Format;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Compress {
    None,
    Gzip,
    Zstd,
}

/// A writer that may compress, and must be finished to be complete.
pub enum Encoder<W: Write> {
    Plain(W),
    Gzip(flate2::write::GzEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    /// gzip level 6 without name and time, zstd level 3: the same bytes for the same input.
    pub fn new(compress: Compress, out: W) -> Result<Self> {
        Ok(match compress {
            Compress::None => Encoder::Plain(out),
            Compress::Gzip => Encoder::Gzip(flate2::GzBuilder::new().mtime(0).write(out, flate2::Compression::new(6))),
            Compress::Zstd => {
                let failed = |e: std::io::Error| Error::environment(format!("cannot start zstd: {e}"));
                let mut encoder = zstd::stream::write::Encoder::new(out, 3).map_err(failed)?;
                // As the zstd program does: without it a flipped bit may go unnoticed.
                encoder.include_checksum(true).map_err(failed)?;
                Encoder::Zstd(encoder)
            }
        })
    }

    pub fn finish(self) -> std::io::Result<W> {
        match self {
            Encoder::Plain(mut w) => w.flush().map(|()| w),
            Encoder::Gzip(w) => w.finish(),
            Encoder::Zstd(w) => w.finish(),
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Encoder::Plain(w) => w.write(bytes),
            Encoder::Gzip(w) => w.write(bytes),
            Encoder::Zstd(w) => w.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Encoder::Plain(w) => w.flush(),
            Encoder::Gzip(w) => w.flush(),
            Encoder::Zstd(w) => w.flush(),
        }
    }
}

type Out = BufWriter<Encoder<Box<dyn Write + Send>>>;

/// Where the records of one run go.
pub struct Sink {
    format: Format,
    run_records: bool,
    out: Out,
    line: Vec<u8>,
    data_sha: Sha256,
    data_lines: u64,
    copy: Option<Box<dyn Write + Send>>,
    table: render::Table,
    findings: Vec<Finding>,
    /// Tests, which JUnit shows whether they failed or not.
    cases: Vec<Case>,
    /// What renderings say besides the findings.
    pub context: render::Context,
}

impl Sink {
    /// `width` is that of the terminal, where there is one.
    pub fn stdout(format: Format, width: Option<usize>, run_records: bool, compress: Compress) -> Result<Self> {
        if compress != Compress::None && format != Format::Ndjson {
            return Err(Error::usage("--compress needs NDJSON output").hint("add --format ndjson"));
        }
        let table = render::Table::new(width);
        Self::new(format, table, run_records, compress, Box::new(std::io::stdout()))
    }

    fn new(
        format: Format,
        table: render::Table,
        run_records: bool,
        compress: Compress,
        out: Box<dyn Write + Send>,
    ) -> Result<Self> {
        Ok(Sink {
            format,
            run_records,
            out: BufWriter::with_capacity(64 << 10, Encoder::new(compress, out)?),
            line: Vec::with_capacity(1024),
            data_sha: Sha256::new(),
            data_lines: 0,
            copy: None,
            table,
            findings: Vec::new(),
            cases: Vec::new(),
            context: render::Context::default(),
        })
    }

    /// Also writes every data line, uncompressed, to the evidence.
    pub fn copy_to(&mut self, file: Box<dyn Write + Send>) {
        self.copy = Some(file);
    }

    pub fn write<R: Record>(&mut self, record: &R) -> Result<()> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        encode(record, &mut line).map_err(|e| Error::bug(format!("cannot encode {}: {e}", R::TYPE)))?;
        self.data_line(&line)?;
        self.line = line;
        self.show(record)
    }

    /// Passes a foreign line through as it is and shows people what it says.
    pub fn write_as<R: Record>(&mut self, line: &[u8], record: &R) -> Result<()> {
        self.data_line(line)?;
        self.show(record)
    }

    fn show<R: Record>(&mut self, record: &R) -> Result<()> {
        match self.format {
            Format::Human => {
                if let Some(cells) = record.cells() {
                    let full = self.table.push(R::TYPE, cells);
                    if full {
                        self.flush_table()?;
                    }
                }
            }
            Format::Sarif | Format::Junit | Format::Github => {
                if let Some(case) = record.case().filter(|_| self.format == Format::Junit) {
                    self.cases.push(case);
                    return Ok(());
                }
                if let Some(earlier) = record.supersedes() {
                    self.findings.retain(|f| f.fingerprint != earlier);
                }
                self.findings.extend(record.finding());
            }
            Format::Auto | Format::Ndjson => {}
        }
        Ok(())
    }

    /// A finding for the renderings alone: NDJSON and tables say the same in another way.
    pub fn render(&mut self, finding: Finding) {
        if matches!(self.format, Format::Sarif | Format::Junit | Format::Github) {
            self.findings.push(finding);
        }
    }

    /// A finding of severity error is shown, so that no rendering looks green.
    pub fn shows_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Passes a foreign data line through as it is (with its newline).
    pub fn write_raw(&mut self, line: &[u8]) -> Result<()> {
        self.data_line(line)
    }

    fn data_line(&mut self, line: &[u8]) -> Result<()> {
        self.data_sha.update(line);
        self.data_lines += 1;
        if let Some(copy) = &mut self.copy {
            copy.write_all(line).map_err(|e| Error::environment(format!("cannot write the evidence: {e}")))?;
        }
        if matches!(self.format, Format::Ndjson | Format::Auto) {
            self.out.write_all(line).map_err(|e| out_failed(&e))?;
        }
        Ok(())
    }

    /// Writes a run record, where run records are wanted.
    pub fn write_run(&mut self, run: &Run) -> Result<()> {
        if self.run_records && matches!(self.format, Format::Ndjson | Format::Auto) {
            let mut line = Vec::new();
            encode(run, &mut line).map_err(|e| Error::bug(format!("cannot encode a run record: {e}")))?;
            self.out.write_all(&line).map_err(|e| out_failed(&e))?;
        }
        Ok(())
    }

    /// Prints a line for people; only in human format.
    pub fn human(&mut self, text: &str) -> Result<()> {
        if self.format == Format::Human {
            self.flush_table()?;
            writeln!(self.out, "{}", visible(text)).map_err(|e| out_failed(&e))?;
        }
        Ok(())
    }

    /// SHA-256 of the data lines so far, as hex, and their number.
    pub fn data_digest(&self) -> (String, u64) {
        (data_encoding::HEXLOWER.encode(&self.data_sha.clone().finalize()), self.data_lines)
    }

    /// Makes what was written so far visible to the reader of the pipe.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(|e| out_failed(&e))
    }

    /// Renders what is left and flushes. Without this call the output is incomplete.
    pub fn finish(mut self) -> Result<()> {
        match self.format {
            Format::Human => self.flush_table()?,
            Format::Sarif => self.document(&render::sarif(&self.findings, &self.context))?,
            Format::Junit => self.document(&render::junit(&self.findings, &self.cases, &self.context.failures))?,
            Format::Github => self.document(&render::github(&self.findings, &self.context.failures))?,
            Format::Auto | Format::Ndjson => {}
        }
        if let Some(copy) = &mut self.copy {
            copy.flush().map_err(|e| Error::environment(format!("cannot write the evidence: {e}")))?;
        }
        let encoder = self.out.into_inner().map_err(|e| out_failed(e.error()))?;
        encoder.finish().and_then(|mut w| w.flush()).map_err(|e| out_failed(&e))
    }

    fn document(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(|e| out_failed(&e))
    }

    fn flush_table(&mut self) -> Result<()> {
        let text = self.table.take();
        self.document(&text)
    }
}

fn out_failed(e: &std::io::Error) -> Error {
    match e.kind() {
        std::io::ErrorKind::BrokenPipe => Error::closed_pipe(),
        _ => Error::environment(format!("cannot write to standard output: {e}")),
    }
}

/// The page of a run that ended before it had one.
pub fn print_failure(format: Format, error: &Error) -> Result<()> {
    let failures = vec![error.clone()];
    match format {
        Format::Sarif => {
            let context = render::Context { failures, unfinished: true, ..render::Context::default() };
            print(&render::sarif(&[], &context))
        }
        Format::Junit => print(&render::junit(&[], &[], &failures)),
        Format::Github => print(&render::github(&[], &failures)),
        Format::Auto | Format::Human | Format::Ndjson => Ok(()),
    }
}

/// Writes one document (a schema, a script, a generated page) to standard output.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| out_failed(&e))
}
