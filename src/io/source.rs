//! Byte sources: a path or `-`, gzip and zstd recognised by their magic bytes, cut into lines of bounded length.
#![expect(clippy::disallowed_methods, reason = "this module opens the inputs")]

mod digest;
mod gzip;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

pub use self::digest::StreamDigest;
use self::digest::Taken;
use super::fs::{Identity, may_wait};
use super::wait::{Patient, patiently};
use crate::error::{Error, Result};

const CHUNK: usize = 256 << 10;
/// Editors on Windows put it before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Of a line that is too long, this much is kept for the dead letter.
pub const KEPT_OF_LONG_LINE: usize = 4 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

pub struct Source {
    pub name: String,
    pub compression: Compression,
    /// A regular file can be read a second time.
    pub regular: bool,
    reader: Box<dyn Read + Send>,
}

impl Source {
    pub fn open(arg: &str) -> Result<Source> {
        if arg == "-" {
            let stdin = std::io::stdin();
            // A file that the shell opened keeps nobody waiting.
            let reader: Box<dyn Read + Send> =
                if Identity::of_stdin().is_some() { Box::new(stdin) } else { Box::new(Patient::new(stdin)) };
            return Self::wrap("-", false, reader);
        }
        if may_wait(arg) {
            let name = arg.to_owned();
            let file = patiently(move || File::open(name)).map_err(|e| open_failed(arg, &e))?;
            return Self::wrap(arg, false, Box::new(Patient::new(file)));
        }
        let file = File::open(arg).map_err(|e| open_failed(arg, &e))?;
        let meta = file.metadata().map_err(|e| open_failed(arg, &e))?;
        if meta.is_dir() {
            return Err(Error::usage("is a folder, a file was expected").at_file(arg));
        }
        Self::wrap(arg, meta.is_file(), Box::new(file))
    }

    #[cfg(test)]
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Source> {
        Self::wrap(name, false, Box::new(std::io::Cursor::new(bytes)))
    }

    fn wrap(name: &str, regular: bool, mut raw: Box<dyn Read + Send>) -> Result<Source> {
        let mut magic = [0u8; 4];
        let mut have = 0;
        while have < magic.len() {
            match raw.read(&mut magic[have..]) {
                Ok(0) => break,
                Ok(n) => have += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::io(name, "read", &e)),
            }
        }
        let head = magic[..have].to_vec();
        let compression = match head.as_slice() {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
            [0xfd, b'7', b'z', b'X'] => return Err(unknown_compression(name, "xz")),
            [b'B', b'Z', b'h', b'1'..=b'9'] => return Err(unknown_compression(name, "bzip2")),
            _ => Compression::None,
        };
        let raw = std::io::Cursor::new(head).chain(raw);
        let reader: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(raw),
            Compression::Gzip => Box::new(gzip::Members::new(raw)),
            Compression::Zstd => Box::new(
                zstd::stream::read::Decoder::new(raw)
                    .map_err(|e| Error::environment(format!("cannot start zstd: {e}")))?,
            ),
        };
        Ok(Source { name: name.to_owned(), compression, regular, reader })
    }

    /// SHA-256 of the uncompressed bytes, as hex.
    pub fn sha256(mut self) -> Result<String> {
        let mut hash = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match self.reader.read(&mut chunk) {
                Ok(0) => return Ok(data_encoding::HEXLOWER.encode(&hash.finalize())),
                Ok(n) => hash.update(&chunk[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) if self.compression != Compression::None && Error::cut_off_in(&e).is_none() => {
                    return Err(Error::input(format!("the compressed stream is damaged: {e}")).at_file(&self.name));
                }
                Err(e) => return Err(Error::io(&self.name, "read", &e)),
            }
        }
    }

    /// Number of the line that starts at this byte of the uncompressed text.
    pub fn line_at(mut self, byte: u64) -> Result<u64> {
        let mut chunk = vec![0; CHUNK];
        let (mut line, mut at) = (1, 0);
        while at < byte {
            let want = chunk.len().min((byte - at) as usize);
            let n = self.reader.read(&mut chunk[..want]).map_err(|e| Error::io(&self.name, "read again", &e))?;
            if n == 0 {
                break;
            }
            line += memchr::memchr_iter(b'\n', &chunk[..n]).count() as u64;
            at += n as u64;
        }
        Ok(line)
    }

    pub fn lines(self, max_line: usize) -> Lines {
        Lines {
            taken: None,
            name: self.name,
            compressed: self.compression != Compression::None,
            reader: self.reader,
            buf: vec![0; CHUNK],
            start: 0,
            end: 0,
            scanned: 0,
            eof: false,
            max_line,
            number: 0,
            offset: 0,
            last: 0..0,
        }
    }
}

fn unknown_compression(name: &str, method: &str) -> Error {
    Error::usage(format!("is compressed with {method}; gzip and zstd are read"))
        .at_file(name)
        .hint(format!("give `-` as the source and pipe it in: {method} -dc FILE | govctl ..."))
}

fn open_failed(name: &str, e: &std::io::Error) -> Error {
    match (e.kind(), name.strip_prefix("kafka:")) {
        (std::io::ErrorKind::NotFound, Some(topic)) => Error::usage("Kafka topics are not read yet")
            .at_file(name)
            .hint(format!("record it and give the file: kcat -b BROKER -C -t {topic} -e -J > FILE")),
        (std::io::ErrorKind::NotFound, None) => Error::usage("no such file").at_file(name),
        _ => Error::io(name, "open", e),
    }
}

/// Random access into an uncompressed regular file.
pub struct Reopened {
    name: String,
    file: File,
}

impl Reopened {
    pub fn open(name: &str) -> Result<Reopened> {
        let file = File::open(name).map_err(|e| open_failed(name, &e))?;
        Ok(Reopened { name: name.to_owned(), file })
    }

    /// The line that starts at the byte `offset`, without its newline.
    pub fn line_at(&mut self, offset: u64, max_line: usize) -> Result<Vec<u8>> {
        let failed = |e: std::io::Error| Error::io(&self.name, "read again", &e);
        self.file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let mut line = Vec::with_capacity(2048);
        let mut chunk = [0u8; 2048];
        while line.len() <= max_line {
            let n = self.file.read(&mut chunk).map_err(failed)?;
            if n == 0 {
                return Ok(line);
            }
            if let Some(i) = memchr::memchr(b'\n', &chunk[..n]) {
                line.extend_from_slice(&chunk[..i]);
                return Ok(line);
            }
            line.extend_from_slice(&chunk[..n]);
        }
        Err(Error::input("changed while it was read").at_file(&self.name))
    }

    /// At most this much of the line that starts at the byte `offset`.
    pub fn beginning_at(&mut self, offset: u64, most: usize) -> Result<Vec<u8>> {
        let failed = |e: std::io::Error| Error::io(&self.name, "read again", &e);
        self.file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let mut line = Vec::with_capacity(most);
        (&self.file).take(most as u64).read_to_end(&mut line).map_err(failed)?;
        line.truncate(memchr::memchr(b'\n', &line).unwrap_or(line.len()));
        line.pop_if(|last| *last == b'\r');
        Ok(line)
    }
}

/// One line of a source, without its newline (and without a carriage return before it).
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub bytes: &'a [u8],
    /// 1-based.
    pub number: u64,
    /// Byte offset of the line in the uncompressed stream; of the first one behind a byte order mark.
    pub offset: u64,
    /// The line was longer than the limit; `bytes` is its beginning.
    pub too_long: bool,
    /// The input ends in this line, without a newline: it may be the beginning of one that was cut.
    pub unfinished: bool,
}

pub struct Lines {
    pub name: String,
    /// Counted and hashed where somebody asks for it.
    taken: Option<Taken>,
    compressed: bool,
    reader: Box<dyn Read + Send>,
    buf: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes from `start` that are known to hold no newline.
    scanned: usize,
    eof: bool,
    max_line: usize,
    number: u64,
    offset: u64,
    /// Where the last line's bytes lie in the buffer.
    last: std::ops::Range<usize>,
}

impl Lines {
    /// The bytes of the line given last.
    pub fn last_line(&self) -> &[u8] {
        &self.buf[self.last.clone()]
    }

    /// The number of that line.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// A whole line was read ahead.
    pub fn has_line(&self) -> bool {
        memchr::memchr(b'\n', &self.buf[self.start + self.scanned..self.end]).is_some()
    }

    /// What `show` makes of the first of the lines ahead that shows something. The lines are still to be read.
    pub fn look_ahead<T>(&mut self, mut show: impl FnMut(&[u8]) -> Option<T>) -> Result<Option<T>> {
        self.check_head()?;
        let mut from = 0;
        loop {
            let ahead = &self.buf[self.start..self.end];
            let length = memchr::memchr(b'\n', &ahead[from..]);
            let last = self.eof || ahead.len() > self.max_line.max(CHUNK);
            let line = &ahead[from..length.map_or(ahead.len(), |n| from + n)];
            let line =
                if from == 0 && self.number == 0 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
            match length {
                Some(n) => match show(line) {
                    Some(shown) => return Ok(Some(shown)),
                    None => from += n + 1,
                },
                None if last => return Ok(show(line)),
                None => self.fill()?,
            }
        }
    }

    /// The next line, or None at the end. Empty lines are given too.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>> {
        self.check_head()?;
        loop {
            if let Some(i) = memchr::memchr(b'\n', &self.buf[self.start + self.scanned..self.end]) {
                return Ok(Some(self.take(self.scanned + i, 1)));
            }
            self.scanned = self.end - self.start;
            if self.eof {
                return Ok((self.scanned > 0).then(|| self.take(self.scanned, 0)));
            }
            if self.scanned > self.max_line {
                return self.skip_long_line().map(Some);
            }
            self.fill()?;
        }
    }

    /// Text that is no UTF-8, or is compressed once more, would be many unreadable lines.
    fn check_head(&mut self) -> Result<()> {
        if self.number > 0 {
            return Ok(());
        }
        while self.end - self.start < 4 && !self.eof {
            self.fill()?;
        }
        let (what, hint) = match &self.buf[self.start..self.end] {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, 1..=255, 0, ..] | [0, b'{', 0, 1..=255, ..] => {
                ("is UTF-16 text; UTF-8 is read", "convert it: iconv -f UTF-16 -t UTF-8 FILE")
            }
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                ("is compressed twice", "unpack it once: gzip -dc FILE, or zstd -dc FILE")
            }
            _ => return Ok(()),
        };
        Err(Error::usage(what).at_file(&self.name).hint(hint))
    }

    fn take(&mut self, length: usize, newline: usize) -> Line<'_> {
        let from = self.start;
        let (number, mut offset) = (self.number + 1, self.offset);
        self.start += length + newline;
        self.offset += (length + newline) as u64;
        self.number = number;
        self.scanned = 0;
        let mut range = from..from + length;
        if self.buf[range.clone()].ends_with(b"\r") {
            range.end -= 1;
        }
        if number == 1 && self.buf[range.clone()].starts_with(BYTE_ORDER_MARK) {
            range.start += BYTE_ORDER_MARK.len();
            offset += BYTE_ORDER_MARK.len() as u64;
        }
        let too_long = range.len() > self.max_line;
        if too_long {
            range.end = range.start + range.len().min(KEPT_OF_LONG_LINE);
        }
        self.last = range.clone();
        Line { bytes: &self.buf[range], number, offset, too_long, unfinished: newline == 0 }
    }

    /// Reads past a line that exceeds the limit, keeping only its beginning.
    fn skip_long_line(&mut self) -> Result<Line<'_>> {
        let (number, offset) = (self.number + 1, self.offset);
        let head = self.buf[self.start..self.start + KEPT_OF_LONG_LINE.min(self.scanned)].to_vec();
        let mut length = 0u64;
        loop {
            let window = &self.buf[self.start..self.end];
            if let Some(i) = memchr::memchr(b'\n', window) {
                length += i as u64 + 1;
                self.start += i + 1;
                break;
            }
            length += window.len() as u64;
            self.start = self.end;
            if self.eof {
                break;
            }
            self.scanned = 0;
            self.fill()?;
        }
        self.scanned = 0;
        self.number = number;
        self.offset = offset + length;
        // The head is put where the buffer is free, so that the line can borrow it.
        let room = head.len();
        if self.start < room {
            let rest = self.end - self.start;
            self.buf.resize(self.buf.len().max(room + rest), 0);
            self.buf.copy_within(self.start..self.end, room);
            self.start = room;
            self.end = room + rest;
        }
        self.last = self.start - room..self.start;
        self.buf[self.last.clone()].copy_from_slice(&head);
        Ok(Line { bytes: &self.buf[self.last.clone()], number, offset, too_long: true, unfinished: false })
    }

    fn fill(&mut self) -> Result<()> {
        if self.start > 0 {
            self.buf.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buf.len() {
            self.buf.resize(self.buf.len() * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buf[self.end..]) {
                Ok(0) => {
                    self.eof = true;
                    return Ok(());
                }
                Ok(n) => {
                    if let Some(taken) = &mut self.taken {
                        taken.take(&self.buf[self.end..self.end + n]);
                    }
                    self.end += n;
                    return Ok(());
                }
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.read_failed(&e)),
            }
        }
    }

    fn read_failed(&self, e: &std::io::Error) -> Error {
        if self.compressed && Error::cut_off_in(e).is_none() {
            let what = match e.kind() {
                std::io::ErrorKind::UnexpectedEof => "the compressed stream ends early".to_owned(),
                _ => format!("the compressed stream is damaged: {e}"),
            };
            Error::input(format!("{what} (after {} bytes of text)", self.offset + (self.end - self.start) as u64))
                .at(&self.name, self.number + 1, None)
                .hint(
                    "what lies behind it is not known, so nothing is concluded from its absence; fetch the file again",
                )
        } else {
            Error::io(&self.name, "read", e)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn collect(bytes: Vec<u8>, max: usize) -> Vec<(u64, u64, bool, Vec<u8>)> {
        let mut lines = Source::from_bytes("t", bytes).unwrap().lines(max);
        let mut out = Vec::new();
        while let Some(l) = lines.next_line().unwrap() {
            out.push((l.number, l.offset, l.too_long, l.bytes.to_vec()));
        }
        out
    }

    #[test]
    fn numbers_offsets_and_line_ends() {
        let got = collect(b"\xef\xbb\xbfa\r\n\nbc".to_vec(), 100);
        assert_eq!(got, vec![(1, 3, false, b"a".to_vec()), (2, 6, false, vec![]), (3, 7, false, b"bc".to_vec())]);
    }

    #[test]
    fn a_long_line_is_skipped_and_the_rest_read() {
        let mut text = vec![b'x'; 1_000_000];
        text.extend_from_slice(b"\nok\n");
        let got = collect(text, 10_000);
        assert_eq!((got[0].0, got[0].2, got[0].3.len()), (1, true, KEPT_OF_LONG_LINE));
        assert!(got[0].3.iter().all(|b| *b == b'x'));
        assert_eq!(got[1], (2, 1_000_001, false, b"ok".to_vec()));
        assert_eq!(got.len(), 2);
        // Around the limit, with the newline inside the buffer.
        let got = collect(b"0123456789\n0123456789a\nb".to_vec(), 10);
        assert_eq!(got.iter().map(|l| l.2).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn compressed_streams_are_recognised_and_truncation_is_an_input_error() {
        let text = "line\n".repeat(20_000);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(text.as_bytes()).unwrap();
        let gz = gz.finish().unwrap();
        let zst = zstd::encode_all(text.as_bytes(), 3).unwrap();
        for bytes in [gz, zst] {
            assert_eq!(collect(bytes.clone(), 100).len(), 20_000);
            let mut lines = Source::from_bytes("t", bytes[..bytes.len() - 9].to_vec()).unwrap().lines(100);
            let error = loop {
                match lines.next_line() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("a cut stream ended without an error"),
                    Err(e) => break e,
                }
            };
            assert_eq!(error.kind, crate::error::Kind::Input);
        }
    }
}
