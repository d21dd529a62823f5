//! Convergence on a fake log: random histories against a slow model, and the cases of docs/diff.md one by one.

mod deadlines;
mod doubt;
mod evidence;
mod harness;
mod histories;
mod native;
mod properties;
mod script;
mod versions;
mod window;
