//! The finding codes of `tenant prove`.

crate::record::codes! {
    DomainUnsound "domain_unsound" Error
        "The policy uses a field of its input in a form that can tell apart more values than a finite domain holds. A leak could hide from every point, so nothing is proved."
        "Compare the field with data of its own sort, with literals, or use it as a key of the data; docs/tenant.md lists the forms.";
    SymmetryUnsound "symmetry_unsound" Error
        "The policy tells tenants apart by more than their data, so that none can stand for another."
        "Prove with `--mode full`, or take the tenant's id out of the policy.";
    VacuousDomain "vacuous_domain" Error
        "No tenant could be allowed anything, so a proof would say nothing."
        "Give tenants labels and data_classes.";
    CodesUnknown "codes_unknown" Error
        "A deny code is no text literal in the head of its rule, so it is not known which codes there are."
        "Write `deny contains {\"code\": \"NAME\"} if { ... }`.";
    Unproved "unproved" Error
        "Nothing can be concluded about the policy; the reasons stand beside it."
        "Each reason names the place or the flag that helps.";
    CounterexampleFound "counterexample" Error
        "An invariant is broken: somebody could be allowed what nobody may, or is denied without a code."
        "Add the printed case to the policy's tests and mend the policy until it passes.";
    MutantSurvived "mutant_survived" Error
        "A changed policy decides otherwise and no test notices: the tests do not hold the policy to what it says."
        "Add a test for the input that stands beside the finding.";
    RedundantCode "redundant_code" Note
        "A part of the policy can be changed or dropped, and no input and no damage to the data could tell. It hides later mistakes from the tests."
        "Drop the part, or say in a comment why it stays; `--fail-on redundant` makes it an error.";
    CertificateDiffers "certificate_differs" Error
        "A certificate is not what its policy and data prove now."
        "Look which member differs; prove again if the change is meant.";
}
