//! `govctl diff digest --suggest-types`.

use super::options::Rows;
use crate::cmd::Ctx;
use crate::error::Result;
use crate::exit::Exit;
use crate::io::sink;

pub fn run(_ctx: &Ctx, _lhs: &[String], _rhs: &[String], _rows: &Rows) -> Result<Exit> {
    sink::print("")?;
    Ok(Exit::Clean)
}
