//! Labels in CSV, the names of the columns in the first line.

use csv_core::{ReadRecordResult, Reader};

use super::{Fields, Labels, Time};

pub(super) fn read(text: &str, time: &Time, read: &mut Labels) {
    let mut rows = rows(text).into_iter();
    let names = rows.next().and_then(|(_, names)| names).unwrap_or_default();
    let missing = ["start", "end"].into_iter().find(|n| !names.iter().any(|name| name == n));
    if let Some(missing) = missing {
        read.add(1, Err(format!("the first line names no column `{missing}`")));
        return;
    }
    for (line, cells) in rows {
        let Some(cells) = cells else {
            read.add(line, Err("a quote is never closed".to_owned()));
            continue;
        };
        if cells.len() != names.len() {
            read.add(line, Err(format!("{} fields where the first line has {}", cells.len(), names.len())));
            continue;
        }
        let mut fields = Fields::default();
        names.iter().zip(&cells).for_each(|(name, cell)| fields.set(name, cell));
        read.add(line, fields.label(line, time));
    }
}

/// The rows that are not empty, each with the line that it starts on; None is one with a quote that is never closed.
fn rows(text: &str) -> Vec<(u64, Option<Vec<String>>)> {
    let mut reader = Reader::new();
    // The last row too ends with its line.
    let text = format!("{}\n", text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut left = text.as_bytes();
    let (mut cells, mut ends) = (vec![0u8; text.len() + 1], vec![0usize; text.len() + 1]);
    let mut rows = Vec::new();
    loop {
        let (result, read, _, fields) = reader.read_record(left, &mut cells, &mut ends);
        let newlines = left[..read].iter().filter(|b| **b == b'\n').count() as u64;
        let skipped = left[..read].iter().take_while(|b| matches!(**b, b'\n' | b'\r')).filter(|b| **b == b'\n').count();
        let first = reader.line() - newlines + skipped as u64;
        let blank = left[..read].iter().all(|b| matches!(*b, b'\n' | b'\r'));
        left = &left[read..];
        match result {
            ReadRecordResult::Record => {}
            ReadRecordResult::InputEmpty if !blank => {
                // Only within quotes does the end of a line not end the row.
                rows.push((first, None));
                return rows;
            }
            _ => return rows,
        }
        let mut from = 0;
        let cell = |end: &usize| {
            let text = String::from_utf8_lossy(&cells[from..*end]).trim().to_owned();
            from = *end;
            text
        };
        rows.push((first, Some(ends[..fields].iter().map(cell).collect())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_know_their_first_line() {
        let text = "a,b\r\n\n1,\"x\ny\"\n\n\n2, z \n3\n\n";
        let expected = [(1, vec!["a", "b"]), (3, vec!["1", "x\ny"]), (7, vec!["2", "z"]), (8, vec!["3"])];
        let expected = expected.map(|(line, cells)| (line, Some(cells.into_iter().map(str::to_owned).collect())));
        assert_eq!(rows(text), expected);
        assert_eq!(rows(""), []);
        assert_eq!(rows("a\n\n\"b\nc,d")[1..], [(3, None)]);
    }
}
