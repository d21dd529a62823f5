//! govctl.toml: what it may set, what wins over it, and how its errors look.

use crate::common::Sandbox;

const PAGE: &str = "[util.reference]\npage = \"exit-codes\"\n";

fn heading(sandbox: &Sandbox, args: &[&str]) -> String {
    let output = sandbox.govctl(args).exits(0);
    output.text().lines().find(|l| l.starts_with("# ")).unwrap().to_owned()
}

#[test]
fn a_default_applies_and_a_flag_wins() {
    let sandbox = Sandbox::new();
    let reference = ["util", "reference"];
    assert_eq!(heading(&sandbox, &reference), "# Command reference");
    sandbox.write("govctl.toml", PAGE);
    assert_eq!(heading(&sandbox, &reference), "# Exit codes");
    assert_eq!(heading(&sandbox, &["util", "reference", "--page", "finding-codes"]), "# Finding codes");
    assert_eq!(heading(&sandbox, &["util", "reference", "--page=cli"]), "# Command reference");
}

#[test]
fn no_config_ignores_the_file_before_and_behind_the_verb() {
    let sandbox = Sandbox::new();
    sandbox.write("govctl.toml", PAGE);
    assert_eq!(heading(&sandbox, &["--no-config", "util", "reference"]), "# Command reference");
    assert_eq!(heading(&sandbox, &["util", "reference", "--no-config"]), "# Command reference");
}

#[test]
fn the_file_is_looked_for_up_to_the_root_of_the_repository() {
    let sandbox = Sandbox::new();
    sandbox.write("govctl.toml", PAGE);
    sandbox.write("a/b/x", "");
    sandbox.write("other/.git/x", "");
    let reference = ["util", "reference", "--quiet"];
    let below = sandbox.govctl(reference).dir(&sandbox.path("a/b")).exits(0);
    assert!(below.text().contains("# Exit codes"));
    let other_repository = sandbox.govctl(reference).dir(&sandbox.path("other")).exits(0);
    assert!(other_repository.text().contains("# Command reference"));
}

#[test]
fn a_required_flag_may_stand_in_the_file_and_paths_are_relative_to_it() {
    let sandbox = Sandbox::new();
    sandbox.write("govctl.toml", "[util.man]\nout = \"pages\"\n[util.keygen]\nkind = \"hmac\"\n");
    sandbox.write("sub/x", "");
    sandbox.govctl(["util", "man"]).dir(&sandbox.path("sub")).exits(0);
    assert!(sandbox.path("pages/govctl-util-man.1").is_file());
    sandbox.write("govctl.toml", "[util.man]\nuot = \"pages\"\n");
    sandbox.govctl(["util", "man"]).dir(&sandbox.path("sub")).exits(2).says(&["error: ../govctl.toml:2:1:"]);
    sandbox.write("govctl.toml", "[util.keygen]\nkind = \"hmac\"\n");
    sandbox.govctl(["util", "keygen", "--out", "a.key"]).exits(0);
    assert!(sandbox.path("a.key").is_file());
}

#[test]
fn a_typed_flag_wins_over_one_that_it_excludes() {
    let sandbox = Sandbox::new();
    sandbox.write("govctl.toml", "[util.explain]\nverbose = true\nquiet = false\n");
    for flag in ["--quiet", "-q", "-v", "--verbose"] {
        sandbox.govctl(["util", "explain", "3", flag]).exits(0);
    }
}

#[test]
fn errors_name_the_place_and_what_was_meant() {
    let sandbox = Sandbox::new();
    for (text, expected) in [
        (
            "[util.reference]\npgae = \"cli\"\n",
            &["govctl.toml:2:1: `pgae` is no flag of `govctl util reference`", "did you mean `page`?"][..],
        ),
        ("[util.referense]\n", &["govctl.toml:1:7: `referense` is no verb of `govctl util`"]),
        ("\n[utill.reference]\n", &["govctl.toml:2:2: `utill` is no govctl noun"]),
        ("util = 3\n", &["govctl.toml:1:1: [util.VERB] was expected"]),
        (
            "[util.reference]\nquiet = \"yes\"\n",
            &["govctl.toml:2:9: --quiet takes no value; true or false was expected"],
        ),
        ("[util.reference]\npage = { a = 1 }\n", &["govctl.toml:2:8: a text, number, boolean or list was expected"]),
        ("[util.reference\n", &["govctl.toml:1:"]),
        ("[util.reference]\npage = \"index\"\n", &["invalid value 'index' for '--page <PAGE>'"]),
    ] {
        sandbox.write("govctl.toml", text);
        sandbox.govctl(["util", "reference"]).exits(2).says(expected);
    }
}

#[test]
fn a_broken_file_does_not_hide_the_help() {
    let sandbox = Sandbox::new();
    sandbox.write("govctl.toml", "[[[");
    sandbox.govctl(["util", "reference"]).exits(2).says(&["govctl.toml:1:"]);
    assert!(sandbox.govctl(["util", "reference", "--help"]).exits(0).text().contains("Usage: govctl util reference"));
}

#[test]
fn verbs_of_verbs_have_their_own_table() {
    let sandbox = Sandbox::new();
    sandbox.write("govctl.toml", "[tenant.bundle.verify]\nmin-serial = 3\n");
    let verify = ["tenant", "bundle", "verify", "none.tar.gz"];
    sandbox.govctl(verify).exits(2).says(&["--verification-key"]);
    sandbox.write("govctl.toml", "[tenant.bundle.verify]\nserial = 3\n");
    sandbox.govctl(verify).exits(2).says(&["2:1: `serial` is no flag of `govctl tenant bundle verify`"]);
    sandbox.write("govctl.toml", "[tenant.bundle.check]\nserial = 3\n");
    sandbox.govctl(verify).exits(2).says(&["1:16: `check` is no verb of `govctl tenant bundle`"]);
}

#[test]
fn keys_are_refused() {
    let sandbox = Sandbox::new();
    // Every flag of the tree that names a key file, whatever verb it belongs to.
    let (nouns, verbs): (Vec<_>, Vec<_>) =
        crate::common::commands().into_iter().partition(|(_, c)| c.has_subcommands());
    let names = |command: &clap::Command| -> Vec<String> {
        let all = command.get_arguments().filter_map(|a| a.get_long());
        all.filter(|l| l.contains("key")).map(str::to_owned).collect()
    };
    // Those of the top are flags of every verb.
    let global = names(&nouns[0].1);
    assert_eq!(global, ["evidence-key"]);
    for (path, command) in verbs {
        for flag in names(&command).iter().chain(&global) {
            sandbox.write("govctl.toml", format!("[{}]\n{flag} = \"secret.key\"\n", path.join(".")));
            let refused = sandbox.govctl(&path).exits(2);
            refused.says(&["govctl.toml:2:1: keys and secrets are never read from govctl.toml", &format!("--{flag}")]);
        }
    }
}

#[test]
fn a_value_that_a_flag_does_not_take_is_placed_in_the_file() {
    let sandbox = Sandbox::new();
    let run = ["diff", "run", "--types", "t", "--lhs", "l", "--rhs", "r"];
    for (text, says) in [
        ("[diff.run]\nfail-on = \"nevr\"\n", ["govctl.toml:2:11: invalid value 'nevr' for '--fail-on", "never"]),
        ("[diff.run]\n\n  grace = 45\n", ["govctl.toml:3:11: invalid value '45' for '--grace", "45s"]),
        ("[diff.run]\nmax-poison = [1, -2]\n", ["govctl.toml:2:14: invalid value '-2' for '--max-poison", "-2"]),
    ] {
        sandbox.write("govctl.toml", text);
        sandbox.govctl(run).exits(2).says(&says);
    }
    std::fs::remove_file(sandbox.path("govctl.toml")).unwrap();
    std::fs::create_dir(sandbox.path("govctl.toml")).unwrap();
    sandbox.govctl(run).exits(2).says(&["govctl.toml: cannot read: Is a directory"]);
}
