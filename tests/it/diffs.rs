//! Hand-made diff records and runs of the binary, for the verbs that read diffs.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The values of one text field, over the records that have it.
    pub fn fields(&self, name: &str) -> Vec<String> {
        self.records().iter().filter_map(|r| r[name].as_str().map(str::to_owned)).collect()
    }

    pub fn records(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }
}

pub fn govctl(args: &[&str], stdin: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_govctl"))
        .args(args)
        .arg("--no-config")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that refuses its arguments does not read its input.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let out = child.wait_with_output().unwrap();
    Run {
        code: out.status.code().unwrap(),
        stdout: String::from_utf8(out.stdout).unwrap(),
        stderr: String::from_utf8(out.stderr).unwrap(),
    }
}

/// A folder that is removed at the end of the test.
pub struct Folder(PathBuf);

pub fn folder() -> Folder {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("govctl-diffs-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path).unwrap();
    Folder(path)
}

impl Folder {
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An open diff of tenant cora, kind audit, with some fields replaced or added; one line.
pub fn diff(id: &str, fields: &[(&str, &str)]) -> String {
    let mut record: serde_json::Value = serde_json::from_str(
        r#"{"schema":"govctl.diff/1","tenant":"cora","id":"","kind":"audit","lhs_sha256":"aa","rhs_sha256":"",
        "reason":"missing","ts":"2026-11-23T10:00:45.000Z","diff_id":"","rev":0,"state":"open","detail":"never_seen",
        "side":"rhs","region":"EU","cols":null,"opened_ts":"2026-11-23T10:00:45.000Z","delay_ms":null,
        "closed_by":null,"lhs_at":"t/0/1","rhs_at":null,"read_to":["u/0/9"]}"#,
    )
    .unwrap();
    record["id"] = id.into();
    record["diff_id"] = format!("{:0>32}", id).into();
    for (name, value) in fields {
        record[*name] = serde_json::from_str(value).unwrap();
    }
    format!("{record}\n")
}

pub fn unauthorized(id: &str) -> String {
    format!(
        "{{\"schema\":\"govctl.diff.unauthorized_write/1\",\"write_id\":\"{id:0>32}\",\"tenant\":\"cora\",\"id\":\"{id}\",\"kind\":\"audit\",\"op\":\"u\",\"region\":\"EU\",\"home_region\":\"US\",\"origin\":null,\"confidence\":\"proven\",\"at\":\"t/0/5\",\"source_ts_us\":null,\"ts\":\"2026-11-23T11:00:00.000Z\"}}\n"
    )
}
