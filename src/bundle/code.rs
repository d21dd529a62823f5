//! The finding codes of bundles: one documented enum. `govctl util explain` and docs/finding-codes.md show its table.

crate::record::codes! {
    NotABundle "not_a_bundle" Error
        "The file is no gzip-compressed tar archive."
        "Name the `.tar.gz` that `govctl tenant bundle build` or `opa build` wrote.";
    BundleTooLarge "bundle_too_large" Error
        "The archive, or what it unpacks to, is larger than 64 MiB, or a data file in it is larger than 16 MiB. It was not read further."
        "Find out who made it: an archive that unpacks to far more than its size is an attack.";
    BundleDamaged "bundle_damaged" Error
        "The archive is cut, its checksums do not fit, or bytes stand where there must be none."
        "Fetch it again, and compare its SHA-256 with the one of the record that its build wrote.";
    ArchiveForm "archive_form" Error
        "The archive holds what a bundle never needs and what readers take differently: a link, a device, an extension header, a field of the gzip header."
        "Pack it with `govctl tenant bundle build`, `opa build`, or `tar --format=ustar -c ... | gzip -n`.";
    EntryName "entry_name" Error
        "A file of the archive has a name that leads elsewhere or that readers take differently: `..`, an empty part, a backslash, a control character, bytes that are not UTF-8."
        "Do not unpack it; find out who made it.";
    DuplicateFile "duplicate_file" Error
        "Two files of the archive have one name. One reader keeps the first, another the last."
        "Do not use it; find out who made it.";
    ForbiddenFile "forbidden_file" Error
        "The archive holds a file that changes what OPA does besides the policies and data that were checked: a patch, WebAssembly, a plan, a second manifest or signature."
        "Build the bundle from `.rego` files and data only.";
    NotSigned "not_signed" Error
        "The archive has no `.signatures.json`."
        "Sign it: `govctl tenant bundle build --signing-key KEY`.";
    SignatureFormat "signature_format" Error
        "`.signatures.json` is not one JWT whose claims list files with their hashes."
        "Sign it again; a bundle has exactly one signature.";
    SignatureAlgorithm "signature_algorithm" Error
        "The signature does not say ES256, or demands an extension. The algorithm comes from the configured key, never from the bundle: a bundle that chooses it could be signed with the public key as an HMAC secret."
        "Sign it with a P-256 key and ES256.";
    SignatureInvalid "signature_invalid" Error
        "The signature was not made with the configured key over these claims."
        "Verify with the public key of who signed it; if that is the one, the bundle was changed.";
    KeyIdMissing "key_id_missing" Error
        "Neither `--key-id` nor the signature names the key."
        "Give `--key-id`, or sign with a key id.";
    ScopeDiffers "scope_differs" Error
        "The bundle was signed for another scope than the one asked for; no scope is one too."
        "Use the bundle of this scope, or give its scope with `--scope`.";
    HashAlgorithm "hash_algorithm" Error
        "The signature covers a file with a hash below SHA-256, for which another file can be found."
        "Sign it with SHA-256, as OPA does by default.";
    FileUnreadable "file_unreadable" Error
        "A data file or manifest is no JSON in one spelling that all readers take alike, so its hash cannot be made: a syntax error, a key that stands twice, half a surrogate pair, YAML."
        "Write it as JSON, each key once.";
    FileAltered "file_altered" Error
        "A file is not what was signed."
        "Do not use the bundle; find out who changed it.";
    FileNotSigned "file_not_signed" Error
        "The archive holds a file that the signature does not cover."
        "Do not use the bundle; find out who added it.";
    FileMissing "file_missing" Error
        "The signature covers a file that the archive does not hold."
        "Do not use the bundle; find out who removed it.";
    ManifestInvalid "manifest_invalid" Error
        "The signed manifest is missing a type that it must have, asks for Rego v0, or names WebAssembly."
        "Build the bundle again.";
    DataInvalid "data_invalid" Error
        "The signed data is not one tree of JSON: a root that is no object, two files that set one value, a number that not every reader keeps."
        "Build the bundle again from tenants.yaml.";
    PolicyInvalid "policy_invalid" Error
        "A signed policy file is not UTF-8."
        "Build the bundle again.";
    DigestDiffers "digest_differs" Error
        "The manifest says digests of policy or data that are not those of the files beside it."
        "Build the bundle again with `govctl tenant bundle build`; what signed it did not check what it signed.";
    SerialRollback "serial_rollback" Error
        "The bundle's serial is below the one asked for, or it has none: an older bundle was put in its place."
        "Fetch the newest bundle; raise `--serial` with every build.";
}
