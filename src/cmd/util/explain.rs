//! `govctl util explain`: what a finding code or an exit code means and what to do.

use clap::Args;

use super::pages::advice;
use crate::cmd::{after_help, finding_codes};
use crate::error::{Error, Result, did_you_mean};
use crate::exit::{Exit, TABLE};
use crate::io::sink;
use crate::record::Doc;

/// Say what a finding code or an exit code means and what to do
///
/// Without a code all of them are listed.
#[derive(Debug, Args)]
#[command(after_help = after_help(["govctl util explain capture_loss", "govctl util explain 3"]))]
pub struct Explain {
    /// A finding code such as capture_loss, or an exit code such as 3
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub fn run(args: &Explain) -> Result<Exit> {
    let text = match args.code.as_deref() {
        None => list(),
        Some(code) => one(code)?,
    };
    sink::print(&text)?;
    Ok(Exit::Clean)
}

fn one(wanted: &str) -> Result<String> {
    let docs = finding_codes();
    if let Some(doc) = docs.iter().find(|d| d.code == wanted) {
        return Ok(finding(doc));
    }
    if let Some((number, meaning)) = TABLE.iter().find(|(number, _)| number.to_string() == wanted) {
        return Ok(format!("exit code {number}: {meaning}\n\nWhat to do: {}\n", advice(*number)));
    }
    let error = Error::usage(format!("`{wanted}` is neither a finding code nor an exit code"));
    Err(match did_you_mean(wanted, docs.iter().map(|d| d.code)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`govctl util explain` lists all codes"),
    })
}

fn finding(doc: &Doc) -> String {
    format!("{} ({})\n\n{}\n\nWhat to do: {}\n", doc.code, doc.severity.as_str(), doc.meaning, doc.advice)
}

fn list() -> String {
    let docs = finding_codes();
    let width = docs.iter().map(|d| d.code.len()).max().unwrap_or(0);
    let mut text = String::from("Finding codes\n");
    for doc in &docs {
        text.push_str(&format!("  {:width$}  {:7}  {}\n", doc.code, doc.severity.as_str(), doc.meaning));
    }
    text.push_str("\nExit codes\n");
    for (number, meaning) in TABLE {
        text.push_str(&format!("  {number:>2}  {meaning}\n"));
    }
    text
}
