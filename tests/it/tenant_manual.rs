//! docs/tenant.md: its commands work, print what the page says, and its example is valid.

use crate::common::{Sandbox, root};

/// The blocks of the page with their language, in order.
fn blocks() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(root().join("docs/tenant.md")).unwrap();
    let fenced = page.split("\n```").skip(1).step_by(2);
    fenced
        .map(|b| b.split_once('\n').map(|(language, text)| (language.to_owned(), format!("{text}\n"))).unwrap())
        .collect()
}

#[test]
fn the_commands_print_what_the_page_says() {
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink(root().join("fixtures"), sandbox.path("fixtures")).unwrap();
    // A debug build on a busy machine takes longer than the page's reader waits.
    sandbox.write("govctl.toml", "[tenant.test]\ntimeout = \"10m\"\n");
    let (mut script, mut expected) = (String::new(), Vec::new());
    for (language, text) in blocks() {
        match language.as_str() {
            // The sandbox is no repository; the file is the one of this commit.
            "sh" => script.push_str(&text.replace("git show HEAD:", "cat ../../")),
            "text" => {
                script.push_str("echo ---\n");
                expected.push(text);
            }
            _ => {}
        }
    }
    assert_eq!(expected.len(), 13);
    let output = sandbox.bash(&format!("set +e\n{script}")).run();
    let printed: Vec<&str> = output.text().split("---\n").collect();
    assert_eq!(printed.len(), expected.len() + 1);
    for (printed, expected) in printed.iter().zip(&expected) {
        // An example without a text of its own may have printed before.
        assert!(printed.ends_with(expected.as_str()), "{printed}\nis not\n{expected}\n{}", output.stderr);
    }
    assert_eq!(output.stderr, "");
}

#[test]
fn the_example_is_valid() {
    let sandbox = Sandbox::new();
    let example = blocks().into_iter().find(|(language, _)| language == "yaml").unwrap().1;
    sandbox.write("t.yaml", example);
    sandbox.govctl(["tenant", "validate", "t.yaml", "--fail-on", "warning"]).exits(0);
}

/// The page names every field, and the exit codes that differ from those of other verbs.
#[test]
fn nothing_is_left_out() {
    let page = std::fs::read_to_string(root().join("docs/tenant.md")).unwrap();
    let (tenants, routes) = (govctl::tenants::schema::schema(), govctl::tenants::routes::schema::schema());
    for (schema, pointer) in [
        (&tenants, "/properties"),
        (&tenants, "/properties/tenants/items/properties"),
        (&tenants, "/properties/tenants/items/properties/quotas/properties"),
        (&routes, "/properties"),
        (&routes, "/properties/routes/items/properties"),
    ] {
        for field in schema.pointer(pointer).unwrap().as_object().unwrap().keys() {
            assert!(page.contains(&format!("`{field}`")), "docs/tenant.md does not name `{field}`");
        }
    }
}
