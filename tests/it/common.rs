//! A folder of its own per test, and a builder around the real binary with a scrubbed environment.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::strict;

pub const BINARY: &str = env!("CARGO_BIN_EXE_govctl");

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary folder, removed at the end of the test. It looks like the root of a repository, so that no govctl.toml
/// above it is found.
pub struct Sandbox(PathBuf);

impl Sandbox {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("govctl-it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(path.join(".git")).unwrap();
        Sandbox(path)
    }

    /// With the two recordings of fixtures/diff/captures as us.ndjson and eu.ndjson, and their types.yaml.
    #[allow(dead_code, reason = "for verbs that read recordings")]
    pub fn with_captures() -> Self {
        let sandbox = Sandbox::new();
        for (name, from) in [
            ("us.ndjson", "audit.US.audit_events.mirror.ndjson"),
            ("eu.ndjson", "audit.EU.audit_events.mirror.ndjson"),
            ("types.yaml", "types.yaml"),
        ] {
            sandbox.write(name, std::fs::read(root().join("fixtures/diff/captures").join(from)).unwrap());
        }
        sandbox
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A file that only its owner may read, as a private key must be.
    pub fn write_secret(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, bytes);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// `govctl` with these arguments, in this folder.
    pub fn govctl<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Call {
        let mut call = self.command(BINARY);
        call.command.args(args);
        call
    }

    /// Any program, in this folder; `govctl` is on its PATH.
    pub fn command(&self, program: &str) -> Call {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        let own = Path::new(BINARY).parent().unwrap().display();
        command.env_clear().env("PATH", format!("{own}:{path}")).env("LC_ALL", "C.UTF-8").current_dir(&self.0);
        Call { command, stdin: Vec::new() }
    }

    /// A bash script with `set -euo pipefail`.
    pub fn bash(&self, script: &str) -> Call {
        let mut call = self.command("bash");
        call.command.args(["-euo", "pipefail", "-c", script]);
        call
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub struct Call {
    pub command: Command,
    stdin: Vec<u8>,
}

impl Call {
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub fn run(mut self) -> Output {
        let line = format!("{:?}", self.command);
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|e| panic!("{line}: {e}"));
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        // A child that ends without reading its input is no failure of the test.
        let writer = std::thread::spawn(move || stdin.write_all(&bytes));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        Output {
            line,
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Runs and asserts the exit code.
    pub fn exits(self, code: i32) -> Output {
        let output = self.run();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), &output.stderr);
        assert_eq!(output.code, Some(code), "{}\n--- stdout\n{out}\n--- stderr\n{err}", output.line);
        output
    }
}

pub struct Output {
    pub line: String,
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Output {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("standard output is UTF-8")
    }

    /// All records, held against their schemas, the run records included.
    pub fn records(&self) -> Vec<Value> {
        strict::stream(&self.stdout).unwrap_or_else(|e| panic!("{}: {e}", self.line))
    }

    /// The records of one type, for example `govctl.diff/1`.
    pub fn of_type(&self, schema: &str) -> Vec<Value> {
        self.records().into_iter().filter(|r| r["schema"] == schema).collect()
    }

    /// Standard error holds every one of these texts, and standard output no record but those of the run.
    pub fn says(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.stderr.contains(text), "{}\n`{text}` is not in:\n{}", self.line, self.stderr);
        }
        let text = String::from_utf8_lossy(&self.stdout);
        let silent = text.lines().all(|l| l.starts_with("{\"schema\":\"govctl.run/1\""));
        assert!(silent, "{}\nwrote {text}", self.line);
    }
}

/// The findings of a run as `line:column code`, or the code alone.
pub fn findings(output: &Output) -> Vec<String> {
    let place = |f: &Value| match (f["line"].as_u64(), f["column"].as_u64()) {
        (Some(line), Some(column)) => format!("{line}:{column} "),
        _ => String::new(),
    };
    let all = output.of_type("govctl.finding/1");
    all.iter().map(|f| format!("{}{}", place(f), f["code"].as_str().unwrap())).collect()
}

/// The fixtures of a folder that every reader of YAML takes for the same tree of values, each with its text and the tree.
pub fn value_trees(folder: &str) -> Vec<(PathBuf, String, Value)> {
    let opaque = ["yaml_syntax", "yaml_feature", "ambiguous_scalar", "duplicate_key"];
    let code = |path: &Path| path.file_stem().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
    let paths = files(folder, "yaml").into_iter().filter(|path| !opaque.contains(&code(path).as_str()));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let value = serde_saphyr::from_str(&text).unwrap();
        (path, text, value)
    };
    paths.map(read).collect()
}

/// `(path of the command, command)` of the whole tree, the top first.
pub fn commands() -> Vec<(Vec<String>, clap::Command)> {
    fn walk(path: Vec<String>, command: &clap::Command, all: &mut Vec<(Vec<String>, clap::Command)>) {
        all.push((path.clone(), command.clone()));
        for sub in command.get_subcommands() {
            let mut path = path.clone();
            path.push(sub.get_name().to_owned());
            walk(path, sub, all);
        }
    }
    let mut all = Vec::new();
    walk(Vec::new(), &govctl::cli::command(), &mut all);
    all
}

/// All files below a folder of the repository with this extension, sorted.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, extension: &str, all: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, extension, all);
            } else if path.extension().is_some_and(|e| e == extension) {
                all.push(path);
            }
        }
    }
    let mut all = Vec::new();
    walk(&root().join(folder), extension, &mut all);
    all.sort();
    assert!(!all.is_empty(), "no .{extension} file in {folder}");
    all
}
