//! The finding codes of the anomaly engine: one documented enum. `govctl util explain` and docs/finding-codes.md show its table.

crate::record::codes! {
    RulesSyntax "rules_syntax" Error
        "adaptive.yaml is no YAML, or uses a part of it that readers treat differently: anchors, merge keys, tags, a second document, a key twice, nesting without end."
        "Correct the file at the position.";
    RulesAmbiguous "rules_ambiguous" Error
        "A value without quotes that some readers of YAML take for a bool or another number: `NO`, `012`, `1_000`, `.inf`."
        "Put a text in quotes; write a number with decimal digits, a point and an exponent only.";
    UnknownField "unknown_field" Error
        "A key of adaptive.yaml that has no meaning, often a typing error."
        "The hint names the closest known key.";
    FieldMissing "field_missing" Error
        "A key of adaptive.yaml that must be there is missing: the `id` of a rule; `rule`, `from`, `until`, `reason` or `owner` of a mute."
        "Add it.";
    FieldType "field_type" Error
        "A value of adaptive.yaml is of another type than its field: a text where a list is expected, nothing at all."
        "Write what the message names.";
    RulesVersion "rules_version" Error
        "adaptive.yaml says a version that this govctl does not know."
        "Write `version: 1`, or use a newer govctl.";
    NoRules "no_rules" Error
        "The list of rules is empty, so nothing would be watched."
        "Add a rule.";
    InvalidRuleId "invalid_rule_id" Error
        "The id of a rule is not 1 to 64 characters of a-z, 0-9, `.`, `_` and `-`, a letter or digit first."
        "Choose an id that keeps to the grammar.";
    DuplicateRuleId "duplicate_rule_id" Error
        "Two rules have one id: their series and alerts could not be told apart."
        "Give each rule its own id.";
    UnknownWord "unknown_word" Error
        "A field takes one of a few words, and this is none of them."
        "Write one of the words that the hint lists.";
    InvalidNumber "invalid_number" Error
        "A number of adaptive.yaml lies outside the range of its field: an `alpha` outside (0, 1], a `min_power` that is no probability, a negative floor."
        "Write a number in the range that the message names.";
    InvalidDuration "invalid_duration" Error
        "A time span is not written as a whole number with a unit, such as 5m, 6h or 7d, or is longer than its field allows."
        "Write it like 7d.";
    InvalidWindow "invalid_window" Error
        "The window of a rule is shorter than 20 of its buckets or longer than 35 days: a scale of fewer values says nothing, and no older values are kept."
        "Write a longer window, or a shorter bucket.";
    InvalidTime "invalid_time" Error
        "A time of adaptive.yaml cannot be read, or an interval ends before it begins."
        "Write RFC 3339 times such as 2026-01-08T13:00:00Z, `until` after `from`.";
    UnknownZone "unknown_zone" Error
        "A time zone is not in the IANA database, which is built into govctl."
        "Write a name such as Europe/Berlin.";
    InvalidField "invalid_field" Error
        "The name of a field of the data is empty or has an empty part between its dots, or stands twice in a list."
        "Write it like `payload.tenant`.";
    InvalidGroup "invalid_group" Error
        "A rule groups by more than `tenant` and two fields: each series would hold too few events to learn from."
        "Keep at most two fields beside `tenant`.";
    InvalidEffect "invalid_effect" Error
        "`must_detect` has a key that belongs to the other kind: counts take rel, abs, drop_to and drop_buckets, gauges take scale."
        "Remove the key, or correct `kind`.";
    WrongKind "wrong_kind" Error
        "A field belongs to the other kind of series: the transform sqrt is for counts; `abs_floor` for gauges; a gauge of events needs a `value`."
        "Remove the field, or correct `kind`.";
    UnknownMuted "unknown_muted" Error
        "A mute names a rule that does not exist, so it would mute nothing."
        "Correct the name, or remove the mute.";
    EmptyReason "empty_reason" Error
        "The reason or the owner of a mute is empty or still a placeholder."
        "Say why nobody wants to hear of it, and who answers for that.";
    ZoneMissing "zone_missing" Warning
        "A rule has no `tz`, so hours and weekdays are those of UTC: in another zone its seasons shift twice a year."
        "Write the zone in which the tenants work, such as Europe/Berlin, or `tz: UTC` where that is meant.";
    StaleParams "stale_params" Error
        "The parameters were found for a rule that is not there or has changed since: they prove nothing about the rule as it is now."
        "Run `govctl anomaly tune` again.";
    BadParams "bad_params" Error
        "A line of the parameter file is no govctl.anomaly.params/1, was altered by hand, or is there twice for one rule."
        "Run `govctl anomaly tune` again; parameters are never edited.";
    TuneRefused "tune_refused" Error
        "No parameters can be proved to hear enough of the effects `must_detect`: no configuration reaches `min_power` on the history, or the best one does not on its last 30 %. The parameter file holds what it held."
        "Say with `must_detect` and `min_power` what the rule is to catch, give a longer history, or look for a change in its last part.";
    BadLine "bad_line" Error
        "A line of the data cannot be used: no JSON or CSV, a time that cannot be read, a value that is no finite number, a negative count."
        "Correct the source. The line was left out of all counts and is in the dead-letter file, where one was given.";
    MissingField "missing_field" Error
        "A record lacks a field by which its rule groups. It was not counted: in no case for another tenant."
        "Correct the source, filter with `where`, or name the tenant of the input with --tenant.";
    BadKey "bad_key" Error
        "A tenant or another field of a series key is empty, longer than 128 bytes, or holds control characters."
        "Correct the source.";
    Ahead "ahead" Error
        "A record is later than can be: by more than an hour than `--now`, or without it by more than 35 days than every record before it. It was not counted, since it would close the buckets of all series, and whatever came after it would be behind."
        "Correct the clock of its producer, or the `tz` of a rule whose times have no zone. Where no record came for 35 days and more, say the time with `--now`.";
    Behind "behind" Warning
        "Records came after their bucket was closed, so they were not judged: the input is not in the order of time, or was read before."
        "Put the input in the order of time; several files are merged where each is in order. For records that come late raise `lateness` of the rule. `--dead-letter` keeps such records.";
    Unwatched "unwatched" Warning
        "No record belongs to a rule, so it watches nothing: no series of it is there."
        "Compare `where`, `ts` and `group_by` of the rule with the data; `--columns` gives other names.";
    TooManySeries "too_many_series" Error
        "The rules made more series than --max-series allows. The records of further ones were not counted."
        "Group by a field with fewer values, or raise --max-series.";
    BucketTooFine "bucket_too_fine" Error
        "The points come less often than the rule's bucket is long, so most buckets would be empty."
        "Set `bucket` to the spacing of the points.";
    BadState "bad_state" Error
        "The state file was cut or altered, or was written by a newer govctl. What was learned cannot be trusted, and is not learned anew in silence."
        "Restore the file from a backup, or remove it by hand: the rules warm up again.";
    NowBeforeState "now_before_state" Error
        "The time of `--now` lies before the newest record that the state has seen: a clock went backwards, or the state is another's."
        "Correct `--now` or the clock, or name the right state file.";
    Anomaly "anomaly" Error
        "A value deviates from what its series was expected to do by more than the rule's threshold, or more than before."
        "`govctl anomaly explain` says what was expected and which term decided. A `mutes` entry of adaptive.yaml silences what is known.";
    Deaf "deaf" Error
        "Too few virtual effects of the size `must_detect` would have alerted in the last seven days: the rule would miss real ones. Its scale has grown, its threshold was raised, or its parameters do not fit any more."
        "Run `govctl anomaly tune` on recent history and compare with `anomaly backtest`; or say with `must_detect` and `min_power` what the rule is to catch.";
    CanaryInconclusive "canary_inconclusive" Warning
        "After seven scored days it is still open whether the rule hears enough: the interval of the canaries' power holds `min_power`; or nothing was scored in seven days."
        "Wait for more buckets, tune the rule with a margin, or accept it with --allow-inconclusive. Where nothing was scored look for an `exclude` without end, or a feed without values.";
    WeeklyDrop "weekly_drop" Error
        "Far fewer alerts opened in the last ISO week than in the eight before it: by chance so few would come in less than one week of a hundred."
        "Look whether the source went quiet, a filter changed or the rule went deaf; the canaries tell the last.";
    MuteExpired "mute_expired" Warning
        "A mute of adaptive.yaml is over: it silences nothing any more."
        "Remove it, or decide again and write a new `until`.";
    GateFailed "gate_failed" Error
        "A backtest does not show that the rule may replace a fixed threshold: its injected power, its power on the labels or the reduction of false positives is too low, or could not be compared."
        "The reasons name what fell short. `govctl anomaly tune` looks for parameters that hear enough; more series or a longer history narrow the bounds.";
    TunedOnJudged "tuned_on_judged" Warning
        "A backtest judges data in which `tune` searched for the parameters: they were chosen because they do well there, so the verdict is no proof."
        "Judge with `--warmup 70%` what `tune` left to certify, or other data.";
    NothingToJudge "nothing_to_judge" Error
        "A backtest has neither a labelled window behind the warm-up nor injected effects, so no power can be told."
        "Give --labels, or leave --inject at its default.";
    TooLittleHistory "too_little_history" Error
        "Fewer than 100 buckets of a rule can be judged, or have an effect injected: what is behind the warm-up, scored and outside labels. A rate of so few says nothing."
        "Give a longer history, or a shorter --warmup.";
    UnmatchedLabels "unmatched_labels" Error
        "Labels lie outside the data, or name a tenant that the data do not have. They count neither way."
        "Compare tenants, times and time zone of the labels with the data.";
}
