//! What was probably meant by an unknown word.

use crate::error::did_you_mean;
use crate::text::without_middle;

/// So many pairs of words are compared for the hints of one file; later ones list what is known.
const COMPARISONS: usize = 20_000;
/// Longer words are no typing errors of a name.
const LONGEST: usize = 132;

/// The hints of one file.
#[derive(Default)]
pub struct Near {
    compared: usize,
}

impl Near {
    pub fn hint<'k>(&mut self, word: &str, known: impl ExactSizeIterator<Item = &'k str> + Clone) -> String {
        let size = known.len();
        self.compared += size;
        let near = (self.compared <= COMPARISONS && word.len() <= LONGEST).then(|| {
            let known = known.clone().filter(|k| k.len() <= LONGEST);
            let same = known.clone().find(|k| k.eq_ignore_ascii_case(word));
            same.or_else(|| did_you_mean(word, known.clone()))
        });
        match near.flatten() {
            Some(near) => format!("did you mean `{near}`?"),
            None if size == 0 => "none is declared".to_owned(),
            None => {
                let first: Vec<String> = known.take(8).map(|k| without_middle(k, LONGEST)).collect();
                format!("declared: {}{}", first.join(", "), if size > first.len() { ", ..." } else { "" })
            }
        }
    }
}
