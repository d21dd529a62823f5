//! One header of the archive: a plain file or a folder with a plain name, or refused.

use crate::bundle::Found;
use crate::bundle::code::Code;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
}

/// Name, without a leading slash, and kind. The checksum has been compared.
pub fn read(header: &tar::Header) -> Result<(String, Kind), Found> {
    let bytes = header.as_bytes();
    let name = name(bytes);
    let shown = String::from_utf8_lossy(&name).into_owned();
    let form = |message: &str| Err(Found::new(Code::ArchiveForm, &shown, message));
    let kind = match bytes[156] {
        b'0' => Kind::File,
        b'5' => Kind::Folder,
        b'1' | b'2' => return form("is a link"),
        b'x' | b'g' | b'L' | b'K' => return form("has an extension header"),
        _ => return form("is no plain file"),
    };
    if !is_octal(&bytes[124..136]) || !is_checksum(&bytes[148..156]) || bytes[157..257].iter().any(|b| *b != 0) {
        return form("has a header that readers take differently");
    }
    if kind == Kind::Folder && header.entry_size().ok() != Some(0) {
        return form("is a folder with content");
    }
    let Ok(text) = std::str::from_utf8(&name) else {
        return Err(Found::new(Code::EntryName, &shown, "has a name that is not UTF-8"));
    };
    let text = text.strip_prefix('/').unwrap_or(text);
    let text = if kind == Kind::Folder { text.strip_suffix('/').unwrap_or(text) } else { text };
    check_name(text)?;
    Ok((text.to_owned(), kind))
}

/// The bytes of the name. Only the POSIX form has a prefix; in that of GNU the field means something else.
fn name(bytes: &[u8; 512]) -> Vec<u8> {
    let mut name = Vec::new();
    if bytes[257..265] == *b"ustar\x0000" && bytes[345] != 0 {
        name.extend_from_slice(until_nul(&bytes[345..500]));
        name.push(b'/');
    }
    name.extend_from_slice(until_nul(&bytes[..100]));
    name
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or_default()
}

/// Octal digits and what ends them; some readers take other bytes for a binary number.
fn is_octal(field: &[u8]) -> bool {
    let digits = field.iter().take_while(|b| matches!(b, b'0'..=b'7')).count();
    digits > 0 && field[digits..].iter().all(|b| matches!(b, 0 | b' '))
}

/// In one of the two ways that writers have; the checksum does not cover itself.
fn is_checksum(field: &[u8]) -> bool {
    let digits = field.iter().take_while(|b| matches!(b, b'0'..=b'7')).count();
    (digits == 6 && field[6..] == *b"\0 ") || (digits == 7 && field[7] == 0)
}

/// A name that means one file below the root of the bundle, for every reader.
pub fn check_name(name: &str) -> Result<(), Found> {
    let refused = |message: &str| Err(Found::new(Code::EntryName, name, message));
    if name.split('/').any(|part| part == "..") {
        return refused("leads out of the bundle");
    }
    if name.split('/').any(|part| part.is_empty() || part == ".") {
        return refused("has an empty part or `.` in its name");
    }
    if name.chars().any(|c| c == '\\' || crate::text::is_hidden(c)) {
        return refused("has a backslash or a hidden character in its name");
    }
    Ok(())
}
