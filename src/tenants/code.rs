//! The finding codes of tenants.yaml and routes.yaml: one documented enum. `govctl util explain` and docs/finding-codes.md show its table.

crate::record::codes! {
    YamlSyntax "yaml_syntax" Error
        "The file is no YAML: a tab as indentation, a bracket that is not closed, a cut file."
        "Correct the file at the position.";
    YamlFeature "yaml_feature" Error
        "The file uses a part of YAML that readers treat differently or that hides what a reviewer sees: anchors, aliases, merge keys, tags, a second document."
        "Write the value where it belongs.";
    AmbiguousScalar "ambiguous_scalar" Error
        "A value without quotes that some readers of YAML take for a bool or a number and others for a text or another number: `NO`, `off`, `y`, `012`, `1_000`, `1:30`."
        "Put a text in quotes; write a whole number with decimal digits only.";
    DuplicateKey "duplicate_key" Error
        "A key stands twice in one mapping. Readers of YAML keep the first, the last, or none."
        "Keep one of them.";
    OverLimit "over_limit" Error
        "The file is larger than 4 MiB or nested too deeply. It was not read further."
        "Split it, or look for what made the file so large.";
    UnknownKey "unknown_key" Error
        "A key that has no meaning here, often a typing error."
        "The hint names the closest known key; `govctl tenant schema` gives editors all of them, with `--routes` those of routes.yaml.";
    MissingKey "missing_key" Error
        "A key that must be there is missing, or the file is empty."
        "Add it. The position is that of the last key before it could have stood.";
    WrongType "wrong_type" Error
        "A value is of another type: a text where a list is expected, a list where a text is, or nothing at all."
        "Write what the message names.";
    UnknownVersion "unknown_version" Error
        "The file says a version that this govctl does not know."
        "Write `version: 1`, or use a newer govctl.";
    InvalidId "invalid_id" Error
        "A tenant id is not 1 to 63 characters of a-z, 0-9 and `-`, a letter first and no `-` last. Ids are compared as they are: nothing is folded or trimmed."
        "Choose an id that keeps to the grammar.";
    InvalidName "invalid_name" Error
        "A class, label or kind is not 1 to 63 characters of a-z, 0-9, `_`, `.`, `:` and `-`, a letter first."
        "Choose a name that keeps to the grammar.";
    InvalidRegion "invalid_region" Error
        "A region is not 1 to 4 segments joined by `/`, each 1 to 32 letters, digits and `-`, a letter first."
        "Write it like `EU` or `EU/de/fra1`.";
    InvalidHost "invalid_host" Error
        "A host is no lower-case DNS name."
        "Write it like `acme.example.com`: without scheme, port, wildcard or final dot.";
    InvalidQuota "invalid_quota" Error
        "A quota is not a whole number from 1 to 9007199254740991."
        "Write 1 or more, or leave the key out: then there is no limit, or the default.";
    InvalidText "invalid_text" Error
        "A name or an owner is empty, still a placeholder, or holds characters that cannot be seen."
        "Write what people should read, or leave the key out.";
    DuplicateEntry "duplicate_entry" Error
        "A class, region or label stands twice in one list."
        "Keep one of them.";
    TooMany "too_many" Error
        "More than 10 000 tenants, more than 16 classes, or more than 1 000 routes."
        "Split the fleet, give classes that are treated alike one name, or name what routes have in common by a shorter prefix.";
    DuplicateId "duplicate_id" Error
        "Two tenants have one id."
        "Give each tenant its own id; what was decided for one would hold for the other.";
    DuplicateHost "duplicate_host" Error
        "A host belongs to two tenants, or stands twice in one list: a request could be taken for another tenant's."
        "Leave it with one tenant.";
    UnknownClass "unknown_class" Error
        "A class in `data_classes`, or the `classification` of a route, is not declared under `classifications`."
        "Declare it, in its place of the order, or correct it. Without `classifications` these are known: public, internal, confidential, restricted.";
    UnknownRegion "unknown_region" Error
        "A tenant's region is not declared under `regions`."
        "Declare it or correct it; without `regions` those of the tenants are known.";
    RegionCase "region_case" Error
        "Two regions differ only in case. They are two regions, which nobody sees."
        "Choose one spelling.";
    OwnerMissing "owner_missing" Error
        "A tenant that is not in the base file has no owner."
        "Add `owner:` with the team or person who answers for the tenant.";
    VersionMissing "version_missing" Warning
        "The file does not say its version and was read as version 1."
        "Write `version: 1`.";
    NothingAllowed "nothing_allowed" Warning
        "A tenant without labels or without data_classes: no request of it can be allowed."
        "Add labels and data_classes, or remove the tenant.";
    NoTenants "no_tenants" Warning
        "The list of tenants is empty: no request can be allowed."
        "Add a tenant, if that is not meant.";
    UnusedBurst "unused_burst" Warning
        "`burst` has no meaning without `requests_per_second`: there is no rate that it could exceed."
        "Add the rate, or remove `burst`.";
    InvalidPrefix "invalid_prefix" Error
        "The prefix of a route is no absolute path in its normal form: it holds an empty segment, `.` or `..`, an escape, a query, a final `/`, another placeholder than one `{tenant}`, or more than 256 characters."
        "Write it like `/api/{tenant}/audit`. Segments are made of letters, digits and `-._~@:+,=`.";
    DuplicatePrefix "duplicate_prefix" Error
        "Two routes have one prefix, or two of one length with `{tenant}` in different places match the same path, and neither is the closer one."
        "Keep one of them, make one longer, or give the path in which they meet a route of its own.";
    UnknownKind "unknown_kind" Error
        "The kind of a route stands in no tenant's `data_classes`."
        "Correct it, or add the kind to the tenants that may see it.";
    UnknownLabel "unknown_label" Error
        "The label of a route is held by no tenant."
        "Correct it, or add the label to the tenants that may see it.";
    RouteNeverAllowed "route_never_allowed" Warning
        "No tenant holds the label of a route and may see its kind up to its class: every request to it is denied."
        "Give a tenant both, or remove the route.";
    NoRoutes "no_routes" Warning
        "The list of routes is empty: every path is denied."
        "Add a route, if that is not meant.";
    DataDiffers "data_differs" Error
        "A compiled data file is not what its tenants.yaml compiles to."
        "Compile it again: `govctl tenant compile FILE -o DATA`, and commit both.";
}

impl Code {
    /// The JSON Schema refuses a file with this code as the parser does. What stands before is no matter of a value
    /// tree, what comes after is not of a single value.
    pub fn in_schema(self) -> bool {
        use Code::*;
        matches!(
            self,
            UnknownKey
                | MissingKey
                | WrongType
                | UnknownVersion
                | InvalidId
                | InvalidName
                | InvalidRegion
                | InvalidHost
                | InvalidQuota
                | InvalidPrefix
                | DuplicateEntry
                | TooMany
        )
    }
}
