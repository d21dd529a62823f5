//! Dead letters: lines that are no requests, as they came, each with its place and the cause.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::io::fs;

/// Of a line that is too long, this much is kept.
const KEPT: usize = 4 << 10;

/// The file of `--dead-letter`, which is made even where nothing goes there.
pub struct Letters(Option<(String, BufWriter<File>)>);

impl Letters {
    pub fn open(path: Option<&str>) -> Result<Letters> {
        let open = |path: &str| Ok((path.to_owned(), BufWriter::new(fs::create_private(Path::new(path))?)));
        path.map(open).transpose().map(Letters)
    }

    /// `source`: the name of the source as records may show it.
    pub fn write(&mut self, source: &str, error: &Error, line: &[u8]) -> Result<()> {
        let Some((path, file)) = &mut self.0 else { return Ok(()) };
        let number = error.place.as_ref().and_then(|place| place.line);
        let mut letter = serde_json::json!({"file": source, "line": number, "cause": error.message});
        let kept = if line.len() > crate::tenant::request::MAX_LINE { &line[..KEPT] } else { line };
        match std::str::from_utf8(kept) {
            Ok(text) => letter["record"] = text.into(),
            Err(_) => letter["record_base64"] = data_encoding::BASE64.encode(kept).into(),
        }
        writeln!(file, "{letter}").map_err(|e| Error::io(path, "write", &e))
    }

    pub fn flush(&mut self) -> Result<()> {
        let Some((path, file)) = &mut self.0 else { return Ok(()) };
        file.flush().map_err(|e| Error::io(path, "write", &e))
    }
}
