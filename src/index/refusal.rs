//! Why a manifest is not published: one documented enum. What evidence is refused for has its codes there.

crate::record::codes! {
    RegionMissing "region_missing" Error
        "Neither the manifest nor `--region` says for which region it is."
        "Give `--region`, to the command that makes the evidence or to `index publish`.";
    RegionDiffers "region_differs" Error
        "The manifest is of another region than `--region` says."
        "Publish it under its own region, or leave `--region` out.";
    RegionUndeclared "region_undeclared" Error
        "The region is none of those that the index was begun with."
        "Correct the name; regions are listed in the trust directory, which verifiers have pinned.";
    RegionNew "region_new" Error
        "The region has no entry yet, so a typing error in its name would begin a chain."
        "Give `--new-region` once.";
    ForeignRegion "foreign_region" Error
        "The manifest was signed with a producer's key that may not sign for its region."
        "Find out who made it; if the key may, give it with `--producer-key REGION=PEM`.";
    NotAnExport "not_an_export" Error
        "The manifest is of a command that exports nothing: of `index` or `evidence`."
        "Publish the manifests of what was exported.";
    RunIdReused "run_id_reused" Error
        "Two manifests of one call have one run_id and are not the same."
        "Find out which one is right: a run has one manifest.";
    SecretFound "secret_found" Error
        "The manifest holds what looks like a key, a token or a password. Publication cannot be undone."
        "Take the secret for known if the manifest was shown to others, change it, and run the command again with the secret in a file.";
}
