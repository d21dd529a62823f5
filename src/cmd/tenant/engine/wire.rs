//! Lines of requests and what was decided about them, as they are kept and as they go over the pipes of a child: numbers
//! of 8 bytes in little endian, and texts behind them.

use std::ops::Range;

use crate::tenant::decide::Verdict;
use crate::tenant::request::Unreadable;

const NUMBER: usize = 8;

/// Lines one after the other, without their newlines.
#[derive(Default)]
pub struct Lines {
    /// The place of the first one in the run, from 0.
    pub first: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Lines {
    pub fn push(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.ends.push(self.text.len());
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    pub fn line(&self, at: usize) -> &[u8] {
        &self.text[self.range(at..at + 1)]
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.line(at))
    }

    fn range(&self, lines: Range<usize>) -> Range<usize> {
        let end = |before: usize| if before == 0 { 0 } else { self.ends[before - 1] };
        end(lines.start)..end(lines.end)
    }

    /// The question about some of the lines: the place of the first, how many, the length of each; and their text.
    pub fn question(&self, lines: Range<usize>) -> (Vec<u8>, &[u8]) {
        let lengths = lines.clone().map(|at| self.range(at..at + 1).len() as u64);
        let head = [self.first + lines.start as u64, lines.len() as u64].into_iter().chain(lengths);
        (head.flat_map(u64::to_le_bytes).collect(), &self.text[self.range(lines)])
    }
}

/// Each line of a question with its place in the run. None where it is no question.
pub fn asked(question: &[u8]) -> Option<impl Iterator<Item = (u64, &[u8])>> {
    let (first, rest) = number(question)?;
    let (lengths, mut text) = numbers(rest)?;
    let lines = lengths.into_iter().map(|length| {
        let (line, rest) = text.split_at_checked(length as usize)?;
        text = rest;
        Some(line)
    });
    let lines: Vec<&[u8]> = lines.collect::<Option<_>>()?;
    Some((first..).zip(lines))
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Decided(Verdict),
    /// Denied: its evaluation ended the process.
    Lost,
    Unreadable(Unreadable),
}

/// The decisions on lines, in their order.
#[derive(Default)]
pub struct Answers {
    text: Vec<u8>,
    entries: Vec<(What, Range<usize>)>,
}

impl Answers {
    /// Lets `decide` append a decision, or say why there is none.
    pub fn add(&mut self, decide: impl FnOnce(&mut Vec<u8>) -> What) {
        let from = self.text.len();
        let what = decide(&mut self.text);
        self.entries.push((what, from..self.text.len()));
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.entries.clear();
    }

    /// Each with its decision, which is a line.
    pub fn iter(&self) -> impl Iterator<Item = (&What, &[u8])> {
        self.entries.iter().map(|(what, range)| (what, &self.text[range.clone()]))
    }

    /// How many lines, then of each what became of it, a column and the length of its text; and all texts.
    pub fn parts(&self) -> (Vec<u8>, &[u8]) {
        let entries = self.entries.iter().flat_map(|(what, range)| {
            let (kind, column) = match what {
                What::Decided(Verdict::Allowed) => (0, 0),
                What::Decided(Verdict::Denied) => (1, 0),
                What::Decided(Verdict::Failed) => (2, 0),
                What::Lost => (3, 0),
                What::Unreadable(why) => (4 + u64::from(why.other_record), why.column.unwrap_or(0)),
            };
            [kind, column, range.len() as u64]
        });
        let head = [3 * self.entries.len() as u64].into_iter().chain(entries);
        (head.flat_map(u64::to_le_bytes).collect(), &self.text)
    }

    /// Adds the answers of a frame. None where it is none.
    pub fn extend(&mut self, frame: &[u8]) -> Option<()> {
        let (numbers, text) = numbers(frame)?;
        let mut from = self.text.len();
        self.text.extend_from_slice(text);
        for entry in numbers.chunks(3) {
            let [kind, column, length] = *entry else { return None };
            let range = from..from.checked_add(length as usize)?;
            let text = self.text.get(range.clone())?;
            let what = match kind {
                0 => What::Decided(Verdict::Allowed),
                1 => What::Decided(Verdict::Denied),
                2 => What::Decided(Verdict::Failed),
                3 => What::Lost,
                4 | 5 => What::Unreadable(Unreadable {
                    column: Some(column).filter(|column| *column > 0),
                    message: String::from_utf8_lossy(text).into_owned(),
                    other_record: kind == 5,
                }),
                _ => return None,
            };
            from = range.end;
            self.entries.push((what, range));
        }
        Some(())
    }
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<NUMBER>()?;
    Some((u64::from_le_bytes(*number), rest))
}

/// Numbers behind their count.
fn numbers(bytes: &[u8]) -> Option<(Vec<u64>, &[u8])> {
    let (count, rest) = number(bytes)?;
    let (numbers, rest) = rest.split_at_checked((count as usize).checked_mul(NUMBER)?)?;
    Some((numbers.chunks_exact(NUMBER).filter_map(|chunk| Some(number(chunk)?.0)).collect(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Lines {
        let mut lines = Lines { first: 7, ..Lines::default() };
        [b"one".as_slice(), b"", b"three"].into_iter().for_each(|line| lines.push(line));
        lines
    }

    #[test]
    fn a_question_is_read_as_it_was_asked() {
        let read = |range: Range<usize>| {
            let lines = lines();
            let (head, text) = lines.question(range);
            let question = [&head, text].concat();
            let asked: Vec<(u64, Vec<u8>)> = asked(&question).unwrap().map(|(at, line)| (at, line.to_vec())).collect();
            assert!((0..question.len()).all(|cut| super::asked(&question[..cut]).is_none()));
            asked
        };
        assert_eq!(read(0..3), [(7, b"one".to_vec()), (8, vec![]), (9, b"three".to_vec())]);
        assert_eq!(read(2..3), [(9, b"three".to_vec())]);
    }

    #[test]
    fn answers_are_read_as_they_were_given() {
        let unreadable =
            |column, other_record| What::Unreadable(Unreadable { column, message: "no JSON".to_owned(), other_record });
        let given = [
            (What::Decided(Verdict::Allowed), "a\n"),
            (What::Decided(Verdict::Denied), "bb\n"),
            (What::Decided(Verdict::Failed), ""),
            (What::Lost, "c\n"),
            (unreadable(Some(12), false), "no JSON"),
            (unreadable(None, true), "no JSON"),
        ];
        let mut answers = Answers::default();
        for (what, text) in &given {
            answers.add(|out| {
                out.extend_from_slice(text.as_bytes());
                what.clone()
            });
        }
        let (head, text) = answers.parts();
        let frame = [&head, text].concat();
        let mut read = Answers::default();
        // Behind others, as answers to lines that were asked alone.
        assert_eq!((read.extend(&frame), read.extend(&frame)), (Some(()), Some(())));
        let twice: Vec<(&What, &[u8])> = answers.iter().chain(answers.iter()).collect();
        assert_eq!(read.iter().collect::<Vec<_>>(), twice);
        assert!((0..frame.len()).all(|cut| Answers::default().extend(&frame[..cut]).is_none()));
    }
}
