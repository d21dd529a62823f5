//! A file as a syntax tree. regorus' own parser reads it, so that what is checked is what is evaluated.

use std::ops::Range;

use super::ast::{Module, Parser, Source, Span};
use super::code::Code;
use super::fault::Fault;
use super::source::File;

/// A file and its tree.
#[derive(Debug)]
pub struct Parsed<'f> {
    pub file: &'f File,
    pub module: Module,
}

impl Parsed<'_> {
    pub fn fault(&self, code: Code, span: &Span, message: impl Into<String>) -> Fault {
        let (line, column) = place(&self.file.text, span.start as usize);
        Fault::new(code, self.file, line, column, message)
    }

    /// The same, about what stands there.
    pub fn fault_about(&self, code: Code, span: &Span, message: impl Into<String>) -> Fault {
        let subject = self.file.text.get(extent(&self.file.text, span)).unwrap_or_default();
        self.fault(code, span, message).about(crate::text::without_middle(subject, 60))
    }

    /// The package, such as `["switchboard"]`.
    pub fn package(&self) -> Vec<String> {
        super::paths::constant(&self.module.package.refr).unwrap_or_default()
    }
}

/// Line and column, both from 1, of a byte offset; columns count characters.
pub fn place(text: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    (1 + before.matches('\n').count() as u64, 1 + before[line..].chars().count() as u64)
}

/// The bytes of a span, with the quotes of a text at its ends: the parser leaves them out.
pub fn extent(text: &str, span: &Span) -> Range<usize> {
    let quoted = |at: usize| matches!(text.as_bytes().get(at), Some(b'"' | b'`'));
    let (start, end) = (span.start as usize, span.end as usize);
    let before = start.checked_sub(1).filter(|at| quoted(*at)).unwrap_or(start);
    before..if quoted(end) { end + 1 } else { end }
}

/// Parses a file that was scanned before.
pub fn parse(file: &File) -> Result<Parsed<'_>, Fault> {
    let source = Source::from_contents(file.shown.clone(), file.text.clone()).map_err(|e| syntax(file, &e))?;
    let mut parser = Parser::new(&source).map_err(|e| syntax(file, &e))?;
    let parsed = parser.enable_rego_v1().and_then(|()| parser.parse());
    Ok(Parsed { file, module: parsed.map_err(|e| syntax(file, &e))? })
}

/// The parser's words: a picture of the place, and behind `error: ` what is wrong.
pub(super) fn syntax(file: &File, error: &dyn std::fmt::Display) -> Fault {
    let text = format!("{error:#}");
    let numbers = text.lines().find_map(|l| l.trim_start().strip_prefix("--> ")?.strip_prefix(file.shown.as_str()));
    let mut numbers = numbers.unwrap_or_default().split(':').skip(1).map(|n| n.trim().parse::<u64>().unwrap_or(0));
    let (line, column) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let said = text.rsplit_once("error: ").map_or(text.as_str(), |(_, said)| said).trim().replace('\n', " ");
    let fault = Fault::new(Code::RegoSyntax, file, line, characters(file, line, column), said);
    let of_line = file.text.lines().nth((line.max(1) - 1) as usize).unwrap_or_default();
    match hint(of_line, &fault.message) {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

/// The parser counts a tab as four columns and another character by its bytes.
fn characters(file: &File, line: u64, column: u64) -> u64 {
    let text = file.text.lines().nth((line.max(1) - 1) as usize).unwrap_or_default();
    let mut at = 1;
    for (character, c) in (1u64..).zip(text.chars()) {
        if at >= column {
            return character;
        }
        at += if c == '\t' { 4 } else { c.len_utf8() as u64 };
    }
    column.min(text.chars().count() as u64 + 1)
}

fn hint(line: &str, message: &str) -> Option<&'static str> {
    if line.contains(" notin ") || line.contains("not in ") {
        return Some("Rego has no `notin`: give `x in xs` a rule of its own and negate that rule");
    }
    if message.contains("var `v1` used before") {
        return Some("the engine takes `v1` for the name of `import rego.v1`: give the variable another");
    }
    if message.contains("`contains` keyword")
        || message.contains("`if` keyword")
        || message.contains("must have a body")
    {
        return Some("since OPA 1.0 a body follows `if`, and a set is written `name contains value if { ... }`");
    }
    None
}
