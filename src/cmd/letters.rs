//! Dead letters: records that could not be read, as they came, each with its place and the cause.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::io::fs;

/// The file in the evidence.
pub const DEAD_LETTERS: &str = "dead_letters.ndjson";

/// Where dead letters go.
#[derive(Default)]
pub struct LettersTo {
    /// The file of `--dead-letter`, which is made even where nothing goes there.
    pub file: Option<String>,
    /// The file in the evidence, which is made with its first letter: a folder without it holds no rows.
    pub evidence: Option<PathBuf>,
}

pub struct Letters(Vec<Letterbox>);

struct Letterbox {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Letters {
    pub fn open(to: &LettersTo) -> Result<Letters> {
        let named = to.file.as_ref().map(|path| Letterbox::open(Path::new(path))).transpose()?;
        let later = to.evidence.clone().map(|path| Letterbox { path, file: None });
        Ok(Letters(named.into_iter().chain(later).collect()))
    }

    /// `source`: the name of the source as records may show it.
    pub fn write(&mut self, source: &str, line: Option<u64>, cause: &str, bytes: &[u8]) -> Result<()> {
        let mut letter = serde_json::json!({"file": source, "line": line, "cause": cause});
        match std::str::from_utf8(bytes) {
            Ok(text) => letter["record"] = text.into(),
            Err(_) => letter["record_base64"] = data_encoding::BASE64.encode(bytes).into(),
        }
        self.0.iter_mut().try_for_each(|letterbox| letterbox.write(&letter))
    }

    pub fn flush(&mut self) -> Result<()> {
        self.0.iter_mut().try_for_each(Letterbox::flush)
    }
}

impl Letterbox {
    fn open(path: &Path) -> Result<Letterbox> {
        let file = BufWriter::new(fs::create_private(path)?);
        Ok(Letterbox { path: path.to_owned(), file: Some(file) })
    }

    fn write(&mut self, letter: &serde_json::Value) -> Result<()> {
        if self.file.is_none() {
            *self = Letterbox::open(&self.path)?;
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        writeln!(file, "{letter}").map_err(|e| Error::io(&self.path.to_string_lossy(), "write", &e))
    }

    fn flush(&mut self) -> Result<()> {
        let flushed = self.file.as_mut().map_or(Ok(()), Write::flush);
        flushed.map_err(|e| Error::io(&self.path.to_string_lossy(), "write", &e))
    }
}
