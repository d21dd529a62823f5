//! The finding codes of Rego policies: one documented enum. `govctl util explain` and docs/finding-codes.md show its table.

crate::record::codes! {
    RegoSyntax "rego_syntax" Error
        "The file is no Rego (version 1): a keyword such as `if` or `contains` is missing, a bracket is not closed, or the rule is written as before OPA 1.0."
        "Correct the file at the position; `opa fmt --v0-v1` rewrites older policies.";
    RegoLimit "rego_limit" Error
        "A policy file is larger than 1 MiB, longer than 20 000 lines or wider than 1024 columns; then it was not parsed. Or rules need each other more than 128 deep, which overflows the stack of engines."
        "Split the file, break the line, or shorten the chain of rules.";
    RegoNesting "rego_nesting" Error
        "Brackets are nested more than 8 deep. The time to parse a policy doubles with each level, so the file was not parsed."
        "Give the inner collection a rule of its own.";
    DuplicateRule "duplicate_rule" Error
        "A rule has two default values, or is now a single value and now a set, an object or a function, or has the name of a package. OPA does not load such a policy."
        "Keep one of them.";
    NameTaken "name_taken" Error
        "A rule or an import has the name of a builtin, an import or a local name that of a rule, a local name that of an import, or a package that of compiled data (`tenants`, `classifications`, `regions`, `router`): what it says would be taken for something else."
        "Choose another name.";
    ForbiddenBuiltin "forbidden_builtin" Error
        "A decision would depend on more than its input and data: the network, the clock, random numbers or the environment."
        "Pass what is needed in the input.";
    UnsupportedRego "unsupported_rego" Error
        "A builtin or a form that govctl's engine lacks, although OPA has it."
        "Write it with what both have; docs/tenant.md lists the builtins.";
    UnknownFunction "unknown_function" Error
        "A function that is neither a builtin nor a rule of the policy."
        "Correct its name; functions of other packages need their package or an import.";
    WrongArity "wrong_arity" Error
        "A function is called with fewer or more arguments than it takes."
        "Give it the arguments that it takes.";
    NegatedReference "negated_reference" Error
        "`not` stands before something else than a rule without arguments. Where a part of it is missing, OPA and other engines give different answers, and a missing value passes."
        "Write the condition as a rule of its own and negate the rule: `label_ok if { ... }`, `not label_ok`.";
    EngineUnsafe "engine_unsafe" Error
        "A form on which OPA and the engines of govctl were seen to disagree."
        "The hint names a form on which they agree.";
    UnusedVariable "unused_variable" Error
        "A name that `some` or `every` declares is not used in its body. OPA does not load such a policy."
        "Remove the name; in `every` a value that is not needed is called `_`.";
    ReservedName "reserved_name" Error
        "A rule, an argument or a variable is called `input` or `data`. OPA does not load such a policy."
        "Use another name.";
    TypeMismatch "type_mismatch" Error
        "An operator or a builtin is given a type that it never takes, or values of two types are compared as equal. OPA does not load such a policy."
        "Correct the value; `govctl tenant test` shows what a rule gives.";
    MetadataInvalid "metadata_invalid" Error
        "A comment block `# METADATA` is no YAML, holds a wrong type, or stands where OPA takes none. OPA does not load such a policy."
        "Correct the block, or write the comment without the word METADATA.";
    Recursion "recursion" Error
        "A rule needs itself, directly or through others. OPA refuses it; other engines overflow their stack."
        "Break the cycle.";
    TestExtendsPolicy "test_extends_policy" Error
        "A test file adds to a rule of the policy. OPA loads it with the policy, while decisions, proofs and bundles here leave test files out."
        "Give the rule another name, or the test file a package of its own.";
    EntryMissing "entry_missing" Error
        "The policy has no rule `decision` in package `switchboard`."
        "Add `decision := {\"allow\": allow, \"deny\": deny}`, or name another folder.";
    NoPolicy "no_policy" Error
        "The folder holds no `.rego` file but tests."
        "Name the folder that holds the policy.";
    EngineCrash "engine_crash" Error
        "The policy hung, ran out of memory or ended the process that evaluated it."
        "Look for a loop over large collections or for deep recursion; `--timeout` and `--memory` set the limits.";
    TestFailed "test_failed" Error
        "A test of the policy does not come out as true."
        "Correct the policy or the test; `print(...)` in the test shows values.";
    TestError "test_error" Error
        "It cannot be told whether a test holds: its evaluation failed, or it is written so that a failure would not show."
        "The message says what to write instead; docs/tenant.md shows the forms of tests.";
    NoTests "no_tests" Error
        "No test was run: the folder holds none, or `--run` matches none."
        "Write rules named `test_...` in files named `..._test.rego`.";
    CoverageLow "coverage_low" Error
        "The tests run through fewer lines of the policy than `--min-coverage` asks for."
        "The coverage records name the lines; add tests that need them.";
    MutationLow "mutation_low" Error
        "The tests notice fewer of the changed policies that decide otherwise than `--min-mutation` asks for."
        "The mutant records name each place and an input that is decided otherwise: add it to the tests.";
    EngineDisagreement "engine_disagreement" Error
        "The two engines of govctl decided differently on one input. No decision of this policy can be relied on."
        "Report the policy and the input as a bug of govctl.";
}
