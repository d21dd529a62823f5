//! What is looked at before any parser sees a file: its size, the length of its lines, and how deep brackets are nested.
//! The time that the parser takes for nested collections doubles with each level, and no timer covers it.

use super::code::Code;
use super::fault::Fault;
use super::source::File;

pub const MAX_BYTES: usize = 1 << 20;
pub const MAX_LINES: usize = 20_000;
pub const MAX_COLUMNS: usize = 1024;
pub const MAX_NESTING: usize = 8;

/// The first thing that forbids to parse the file.
pub fn scan(file: &File) -> Option<Fault> {
    if file.text.len() > MAX_BYTES {
        return Some(Fault::new(Code::RegoLimit, file, 0, 0, "is larger than 1 MiB").hint("split the file"));
    }
    let mut scanner = Scanner::default();
    for (number, line) in (1u64..).zip(file.text.split('\n')) {
        if number as usize > MAX_LINES {
            let message = format!("has more than {MAX_LINES} lines");
            return Some(Fault::new(Code::RegoLimit, file, number, 1, message).hint("split the file"));
        }
        if let Some((byte, _)) = line.char_indices().nth(MAX_COLUMNS).filter(|_| line.trim_end().len() > MAX_COLUMNS) {
            let column = line[..byte].chars().count() as u64 + 1;
            let message = format!("the line has more than {MAX_COLUMNS} columns");
            return Some(Fault::new(Code::RegoLimit, file, number, column, message).hint("break the line"));
        }
        if let Some(byte) = line.find('\0') {
            let column = line[..byte].chars().count() as u64 + 1;
            return Some(
                Fault::new(Code::RegoSyntax, file, number, column, "a NUL byte stands here").hint("remove it"),
            );
        }
        if let Some(column) = scanner.line(line) {
            let message = format!("brackets are nested more than {MAX_NESTING} deep");
            return Some(
                Fault::new(Code::RegoNesting, file, number, column, message)
                    .hint("give the inner collection a rule of its own"),
            );
        }
    }
    None
}

#[derive(Default)]
struct Scanner {
    /// Whether each open bracket counts: the braces of a rule's body do not.
    open: Vec<bool>,
    raw: bool,
    before: char,
}

impl Scanner {
    /// Reads one line; the column at which brackets are nested too deep.
    fn line(&mut self, line: &str) -> Option<u64> {
        let (mut quoted, mut escaped) = (false, false);
        for (column, c) in (1u64..).zip(line.chars()) {
            match c {
                '`' if !quoted => self.raw = !self.raw,
                _ if self.raw => {}
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => {}
                '#' => break,
                '[' | '{' | '(' => {
                    let body = c == '{' && self.open.is_empty() && self.before != '=';
                    self.open.push(!body);
                    if self.open.iter().filter(|counts| **counts).count() > MAX_NESTING {
                        return Some(column);
                    }
                }
                ']' | '}' | ')' => drop(self.open.pop()),
                _ => {}
            }
            if !c.is_whitespace() {
                self.before = c;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(&'static str, u64, u64)> {
        let file = File { name: "a.rego".into(), shown: "a.rego".into(), text: text.into() };
        scan(&file).map(|fault| (fault.code.as_str(), fault.line, fault.column))
    }

    #[test]
    fn zeros_are_no_text() {
        assert_eq!(found("x := 1\ny := \"é\0\""), Some(("rego_syntax", 2, 8)));
        assert_eq!(found("# \0"), Some(("rego_syntax", 1, 3)));
    }

    #[test]
    fn nesting_counts_brackets_outside_strings_and_comments() {
        assert_eq!(found("x := [[[[[[[[1]]]]]]]]"), None);
        assert_eq!(found("x := [[[[[[[[[1]]]]]]]]]"), Some(("rego_nesting", 1, 14)));
        assert_eq!(found("a if {\n\tx := [[[[[[[[1]]]]]]]]\n}"), None);
        assert_eq!(found("a if {\n\tx := {[{([{[{[1]}]}])}]}\n}"), Some(("rego_nesting", 2, 15)));
        assert_eq!(found("x := \"[[[[[[[[[\\\"[[[[[[[[[\"\n# [[[[[[[[[[\ny := `[[[[[[[\n[[[[[[[[[`"), None);
        assert_eq!(found("x := \"[\ny := [[[[[[[[1]]]]]]]]"), None, "a string ends with its line");
    }

    #[test]
    fn sizes_are_limited() {
        assert_eq!(found(&format!("# {}", "é".repeat(1022))), None);
        assert_eq!(found(&format!("\n# {}", "é".repeat(1023))), Some(("rego_limit", 2, 1025)));
        assert_eq!(found(&"\n".repeat(19_999)), None);
        assert_eq!(found(&"\n".repeat(20_000)), Some(("rego_limit", 20_001, 1)));
        assert_eq!(found(&"#\n".repeat((1 << 19) + 1)), Some(("rego_limit", 0, 0)));
    }
}
