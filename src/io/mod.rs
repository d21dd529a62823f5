//! The doors to the outside: files, standard input and output, compression. Knows nothing of any domain.

pub mod child;
pub mod fs;
pub mod git;
pub mod records;
pub mod render;
pub mod sink;
pub mod site;
pub mod source;
mod wait;
