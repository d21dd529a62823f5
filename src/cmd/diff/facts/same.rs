//! Columns that types.yaml does not declare must be the same thing on both sides, else the verdicts say nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Facts;
use crate::diff::plan::Seen;
use crate::diff::types::index;
use crate::error::{Error, Result};
use crate::record::diff::Side;

const WRITE_ITS_TYPE: &str = "write its type: govctl diff digest --suggest-types shows a proposal";

impl Facts {
    /// Columns that types.yaml does not declare must be the same thing on both sides.
    pub fn check_columns(&self) -> Result<()> {
        self.check_types()?;
        self.check_kinds()
    }

    /// Schema blocks must give a column one type on both sides, else each of its values would differ.
    fn check_types(&self) -> Result<()> {
        // Whole numbers and decimals have one canonical text.
        let number = |t: &String| match t.as_str() {
            "int" => "decimal".to_owned(),
            "array of int" => "array of decimal".to_owned(),
            other => other.to_owned(),
        };
        let class = |types: &BTreeSet<String>| types.iter().map(number).collect::<BTreeSet<_>>();
        let words = |types: &BTreeSet<String>| types.iter().cloned().collect::<Vec<_>>().join(" and ");
        let [lhs, rhs] = Side::BOTH.map(|side| self.read.column_types(side));
        for (column, lhs) in &lhs {
            if let Some(rhs) = rhs.get(column).filter(|rhs| class(rhs) != class(lhs)) {
                return Err(Error::usage(format!(
                    "column `{column}` is {} in the schema blocks of lhs and {} in those of rhs",
                    words(lhs),
                    words(rhs)
                ))
                .hint(WRITE_ITS_TYPE));
            }
        }
        Ok(())
    }

    /// Columns that `--infer` compared must have the same JSON kinds on both sides.
    fn check_kinds(&self) -> Result<()> {
        let mut sides: [BTreeMap<&(String, String), Seen>; 2] = Default::default();
        for end in &self.read.ends {
            let Some(side) = end.side else { continue };
            for (column, seen) in &end.kinds {
                let all = sides[index(side)].entry(column).or_default();
                all.kinds |= seen.kinds;
                all.base64 |= seen.base64;
                all.plain_text |= seen.plain_text;
            }
        }
        for (column, lhs) in &sides[0] {
            let name = format!("{}.{}", column.0, column.1);
            let looks = |s: &Seen| s.base64 && !s.plain_text;
            let rhs = sides[1].get(column);
            if looks(lhs) || rhs.is_some_and(looks) {
                return Err(
                    Error::usage(format!("--infer: column `{name}` looks like a base64 decimal")).hint(WRITE_ITS_TYPE)
                );
            }
            if let Some(rhs) = rhs
                && lhs.kinds != rhs.kinds
                && lhs.kinds != 0
                && rhs.kinds != 0
            {
                let message =
                    format!("--infer: column `{name}` is {} on one side and {} on the other", lhs.names(), rhs.names());
                return Err(Error::usage(message).hint(WRITE_ITS_TYPE));
            }
        }
        Ok(())
    }
}
