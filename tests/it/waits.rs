//! Who waits for a file that a stranger writes is ended by a signal, and reads what comes in the end.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use crate::common::{Sandbox, root};

/// With a pipe `pipe` that nobody writes to.
fn prepared() -> Sandbox {
    let s = Sandbox::with_captures();
    s.write("tenants.yaml", std::fs::read(root().join("fixtures/tenant/full.yaml")).unwrap());
    s.write("exceptions.yaml", "version: 1\nexceptions: []\n");
    s.bash("mkfifo pipe").exits(0);
    s
}

fn start(s: &Sandbox, args: &str) -> Child {
    let mut call = s.govctl(args.split(' '));
    call.command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// None where it does not end.
fn end_of(child: &mut Child) -> Option<ExitStatus> {
    for _ in 0..500 {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    None
}

#[test]
fn a_signal_ends_the_wait_for_a_writer() {
    let verbs = [
        "tenant validate pipe",
        "tenant validate -",
        "tenant validate tenants.yaml --base pipe",
        "tenant compile pipe",
        "tenant decide --policy embedded --tenants pipe",
        "tenant decide --policy embedded --tenants tenants.yaml --in pipe",
        "tenant decide --policy embedded --tenants tenants.yaml",
        "tenant prove --policy embedded --data pipe",
        "tenant bundle verify pipe --verification-key pipe",
        "diff run --types pipe --lhs us.ndjson --rhs eu.ndjson",
        "diff run --types types.yaml --lhs pipe --rhs eu.ndjson",
        "diff run --types types.yaml --lhs us.ndjson --rhs -",
        "diff triage --exceptions exceptions.yaml pipe",
        "diff triage --exceptions exceptions.yaml",
        "diff digest --suggest-types --lhs pipe --rhs eu.ndjson",
    ];
    let s = prepared();
    let mut started: Vec<(&str, Child)> = verbs.map(|verb| (verb, start(&s, verb))).into();
    std::thread::sleep(Duration::from_millis(1500));
    for (number, (verb, child)) in started.iter_mut().enumerate() {
        assert_eq!(child.try_wait().unwrap(), None, "`{verb}` did not wait");
        let name = ["TERM", "INT"][number % 2];
        s.bash(&format!("kill -{name} {}", child.id())).exits(0);
    }
    for (number, (verb, child)) in started.iter_mut().enumerate() {
        let status = end_of(child).unwrap_or_else(|| panic!("`{verb}` waits on"));
        assert_eq!(status.signal(), Some([15, 2][number % 2]), "{verb}: {status}");
    }
}

/// The process that evaluates the policy is a child of the run.
fn children(of: &Child) -> Vec<String> {
    let listed = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", of.id())).unwrap_or_default();
    listed.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_signal_ends_a_run_whose_child_is_busy() {
    let s = prepared();
    // Some ten million points.
    let mut run = start(&s, "tenant prove --policy embedded --tenants tenants.yaml --mode full");
    let mut busy = Vec::new();
    for _ in 0..500 {
        busy = children(&run);
        if !busy.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!((run.try_wait().unwrap(), busy.len()), (None, 1), "nothing was busy");
    s.bash(&format!("kill -TERM {}", run.id())).exits(0);
    assert_eq!(end_of(&mut run).expect("works on").signal(), Some(15));
    assert!(!std::path::Path::new(&format!("/proc/{}", busy[0])).exists(), "its child lives on");
}

#[test]
fn what_comes_late_and_in_parts_is_read() {
    let s = prepared();
    let late = "(sleep 0.3; head -c 100 tenants.yaml; sleep 0.3; tail -c +101 tenants.yaml)";
    let said = s.bash(&format!("govctl tenant validate <{late} --format human")).exits(0);
    assert_eq!(said.text(), "0 errors, 0 warnings in 3 tenants of 1 file\n");
    s.bash(&format!("cmp <(govctl tenant compile tenants.yaml) <(govctl tenant compile <{late})")).exits(0);
    s.bash(&format!("cmp <(govctl tenant compile tenants.yaml) <({late} | govctl tenant compile -)")).exits(0);
    // A stream that is larger than a pipe holds.
    let request = std::fs::read(root().join("fixtures/tenant/requests.ndjson"));
    let request = request.unwrap_or_else(|_| b"{\"tenant\":{\"id\":\"acme\"}}\n".to_vec());
    let mut file = std::fs::File::create(s.path("many.ndjson")).unwrap();
    (0..20_000).for_each(|_| file.write_all(&request).unwrap());
    let decide = "govctl tenant decide --policy embedded --tenants tenants.yaml --fail-on never --no-run-records";
    s.bash(&format!("cmp <({decide} < many.ndjson) <({decide} --in <(cat many.ndjson))")).exits(0);
    s.bash(&format!("cmp <({decide} < many.ndjson) <(cat many.ndjson | gzip | {decide})")).exits(0);
}
