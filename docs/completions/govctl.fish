# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_govctl_global_optspecs
    string join \n format= color= q/quiet v/verbose log-format= no-config now= seed= no-run-records evidence= evidence-key= region= h/help V/version
end

function __fish_govctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_govctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_govctl_using_subcommand
    set -l cmd (__fish_govctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c govctl -n "__fish_govctl_needs_command" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_needs_command" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_needs_command" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_needs_command" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_needs_command" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_needs_command" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_needs_command" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_needs_command" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_needs_command" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_needs_command" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_needs_command" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_needs_command" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_needs_command" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "diff" -d 'Audit two regional copies of tables over their change events'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "tenant" -d 'Check and compile the list of tenants: home regions, labels, data classes'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "anomaly" -d 'Find what deviates from each tenant\'s own past, and prove that deviations are heard'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "evidence" -d 'Verify the evidence that commands leave'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "index" -d 'Publish what was exported in a log that nobody can rewrite unseen'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "util" -d 'Keys, texts and generated artefacts'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -f -a "digest" -d 'Turn one region\'s change events into digests'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -f -a "run" -d 'Compare the rows of two regions over their change events'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -f -a "report" -d 'Report a day: counts, times to repair, lags, exceptions, and whether the chain of proofs holds'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -f -a "triage" -d 'Mark the diffs that a valid exception excuses'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -f -a "explain" -d 'Explain one key: which columns differ, why, and what happened to it on each side'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and not __fish_seen_subcommand_from digest run report triage explain verify" -f -a "verify" -d 'Verify a proof: recompute what it states from its outputs and, where they are given, from the sources'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l side -d 'Which side the recordings are' -r -f -a "lhs\t''
rhs\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l lhs -d 'Recordings of the first side, for --suggest-types' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l rhs -d 'Recordings of the second side, for --suggest-types' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l types -d 'Tables, keys and column types; without it those of the events\' schema blocks, if all have such' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l framing -d 'How a line says where an event comes from' -r -f -a "auto\t'Recognised on the first line'
capture\t'{topic, partition, offset, timestamp, key, value, headers}'
kcat\t'kcat -J'
value\t'Bare Debezium values of one table; each file of a side is a partition of its own, in their order'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l table -d 'The table of bare values, by its kind in types.yaml' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l tenants -d 'Home region of each tenant' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l hmac-key -d 'Key file: HMAC-SHA-256 takes the place of SHA-256 in every digest of row values' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l max-line -d 'Longest line read, in bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l disorder -d 'Safety margin taken off every watermark' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l dead-letter -d 'Where unreadable records go, as NDJSON; the evidence keeps them too' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l max-poison -d 'Stop reading beyond this many unreadable records' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l compress -d 'Compress standard output' -r -f -a "none\t''
gzip\t''
zstd\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l suggest-types -d 'Write a types.yaml for both sides'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l infer -d 'Compare columns that have no type by their JSON value'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l allow-empty -d 'Accept recordings in which no row is found'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from digest" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l lhs -d 'Recordings of the first side (US); `-` is standard input' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l rhs -d 'Recordings of the second side (EU)' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l digests -d 'Digest streams of both sides in place of recordings, each a file of its own' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l types -d 'Tables, keys and column types; without it those of the events\' schema blocks, if all have such' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l framing -d 'How a line says where an event comes from' -r -f -a "auto\t'Recognised on the first line'
capture\t'{topic, partition, offset, timestamp, key, value, headers}'
kcat\t'kcat -J'
value\t'Bare Debezium values of one table; each file of a side is a partition of its own, in their order'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l table -d 'The table of bare values, by its kind in types.yaml' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l tenants -d 'Home region of each tenant' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l hmac-key -d 'Key file: HMAC-SHA-256 takes the place of SHA-256 in every digest of row values' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l max-line -d 'Longest line read, in bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l grace -d 'How long a side may lag behind a version of the other before a diff opens' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l late-after -d 'Slower convergence is reported as late; at most --grace' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l late-max -d 'Convergence slower than this is a repair' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l disorder -d 'Safety margin taken off every watermark' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l at-end -d 'What the end of the input means' -r -f -a "final\t'The end of the input is the end of the log: a verdict on every key'
hold\t'Keys inside the grace period are counted as pending'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l state -d 'Which keys are kept in memory' -r -f -a "full\t'Every key is kept'
window\t'Only unresolved keys are kept; for append-only tables'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l max-state-mb -d 'Memory for the state of keys; over it the run ends with 4. Default: 512, of which --state window uses up to 16 to recognise repeats of settled rows' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l dead-letter -d 'Where unreadable records go, as NDJSON; the evidence keeps them too' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l max-poison -d 'Stop reading beyond this many unreadable records' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l exceptions -d 'Accepted differences; they do not count for --fail-on' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l prev -d 'The previous proof.json, where it is not in the evidence folder' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l fail-on -d 'What makes the exit code 1' -r -f -a "diff\t'An open diff, an unauthorised write, an error finding or an inconclusive key'
late\t'Also a late arrival, a repair or a reversal'
unauthorized\t'An unauthorised write, or one of a tenant whose home is not known (--allow-inconclusive lifts that)'
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l compress -d 'Compress standard output' -r -f -a "none\t''
gzip\t''
zstd\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l infer -d 'Compare columns that have no type by their JSON value'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l allow-poison -d 'Judge tables of which an unreadable event could belong to any key'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l allow-inconclusive -d 'What cannot be told does not count for --fail-on: inconclusive keys, tenants without a home'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l allow-empty -d 'Accept a run in which no row is compared'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from run" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l runs -d 'Run directories, or a folder of them' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l exceptions -d 'The list of exceptions; without it the marks of an earlier triage count' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l day -d 'The UTC day to report' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l html -d 'Also write a page' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l allow-inconclusive -d 'Inconclusive keys are stated, but do not make the exit code 1'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from report" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l exceptions -d 'The list of exceptions' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l max-ttl -d 'Longest time to live of an exception; can only lower the list\'s own limit' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l check -d 'Check the list only: an invalid one is exit 2, expired entries are findings'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from triage" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l lhs -d 'Recordings of the first side (US); `-` is standard input' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l rhs -d 'Recordings of the second side (EU)' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l key -d 'The key as TENANT/ID, cut at the first `/`, or as a JSON array of tenant and id columns' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l kind -d 'The key\'s table; needed only where several tables have the key' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l diff-id -d 'The key of this diff' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l diffs -d 'The stream of diffs that --diff-id is looked up in' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l types -d 'Tables, keys and column types; without it those of the events\' schema blocks, if all have such' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l framing -d 'How a line says where an event comes from' -r -f -a "auto\t'Recognised on the first line'
capture\t'{topic, partition, offset, timestamp, key, value, headers}'
kcat\t'kcat -J'
value\t'Bare Debezium values of one table; each file of a side is a partition of its own, in their order'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l table -d 'The table of bare values, by its kind in types.yaml' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l tenants -d 'Home region of each tenant' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l hmac-key -d 'Key file: HMAC-SHA-256 takes the place of SHA-256 in every digest of row values' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l max-line -d 'Longest line read, in bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l values -d 'Also print the values, in their canonical spelling'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l infer -d 'Compare columns that have no type by their JSON value'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l lhs -d 'Recordings of the first side, to recompute its roots, and with the other side to make the run again' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l rhs -d 'Recordings of the second side' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l chain -d 'Where the proofs of the job lie [default: the folder above the run directory]' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l exceptions -d 'The exception list of the run, to make it again' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l require -d 'Checks that must have been made' -r -f -a "fields\t'The proof is whole and spelled as govctl spells it'
output_sha256\t'SHA-256 of diffs.ndjson'
counts\t'Counts, recounted from diffs.ndjson and, where given, from the sources'
partition_root\t'Root of each partition, recomputed from the sources'
rerun\t'Records, proof and exit code of the run made again from the sources'
root\t'Root over the partitions'
tiling\t'Ranges without gap and overlap'
continuity\t'Ranges begin where those of the proof before ended'
chain\t'prev_sha256 is that of a proof at hand, and chains/_.json leads to the run'
manifest\t'Files and statements of manifest.json, and no other files'
signature\t'Signature of manifest.json'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l types -d 'Tables, keys and column types; without it those of the events\' schema blocks, if all have such' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l framing -d 'How a line says where an event comes from' -r -f -a "auto\t'Recognised on the first line'
capture\t'{topic, partition, offset, timestamp, key, value, headers}'
kcat\t'kcat -J'
value\t'Bare Debezium values of one table; each file of a side is a partition of its own, in their order'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l table -d 'The table of bare values, by its kind in types.yaml' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l tenants -d 'Home region of each tenant' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l hmac-key -d 'Key file: HMAC-SHA-256 takes the place of SHA-256 in every digest of row values' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l max-line -d 'Longest line read, in bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l infer -d 'Compare columns that have no type by their JSON value'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "validate" -d 'Check lists of tenants and of routes, and policies: everything that is wrong, with line, column and hint'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "schema" -d 'The JSON Schema of tenants.yaml or routes.yaml, for editors'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "compile" -d 'Compile tenants.yaml to the data that OPA and govctl read alike'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "prove" -d 'Prove over every input of the complete domain that no tenant is allowed another\'s data, region, class or label'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "decide" -d 'Decide requests: may this subject touch this resource, of this class and label, in this region?'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "test" -d 'Run the tests of a policy and say which of its lines they ran through'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "bundle" -d 'Build and verify signed OPA bundles of policy and data'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and not __fish_seen_subcommand_from validate schema compile prove decide test bundle compare" -f -a "compare" -d 'Compare the access that two states of policy and tenants allow, over every input of the complete domain'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l fail-on -d 'Which severity makes the exit code 1' -r -f -a "error\t'A finding of severity error'
warning\t'A warning too'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l base -d 'An earlier tenants.yaml: a tenant that is not in it needs an owner' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l timeout -d 'How long it may take' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l memory -d 'How much memory it may use, such as 512MiB or 2GiB' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from validate" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l routes -d 'That of routes.yaml instead of tenants.yaml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from schema" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -s o -l out -d 'Write the data here instead of standard output' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l check -d 'Only compare: exit 1 and the first difference where this file is not what would be compiled' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compile" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l policy -d 'The folder with the policy\'s `.rego` files, or `embedded` for the policy that govctl ships' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l tenants -d 'The list of tenants; default: config/tenants.yaml' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l data -d 'Compiled data instead of a list of tenants' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l bundle -d 'A signed bundle instead of a folder and a list' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l verification-key -d 'The public key, PEM, that the bundle must be signed with; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l key-id -d 'Name of the key; default: the one that the bundle says' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l scope -d 'The scope that the bundle must be signed for; default: none' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l min-serial -d 'Refuse bundles with a lower serial, and those without one' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l domain -d 'Fields of the input beside the seven that the policy reads, JSON: pointer to values, e.g. {"/context/purpose": ["support"]}' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l mode -d 'Which tenants are looked at' -r -f -a "auto\t'`full` up to 2,000,000 points, else `classes`'
full\t'Every tenant stands for itself'
classes\t'Two tenants stand for all of equal region, labels and classes'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l max-points -d 'A larger domain proves nothing instead of being cut' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l skip -d 'Leave a stage out; the proof says so' -r -f -a "faults\t'Damaged data'
mutation\t'Changed policies'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l fail-on -d 'What is exit 1' -r -f -a "unproved\t'A policy that is not proved'
redundant\t'Also code that no input could miss'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l jobs -d 'Threads; default: one for each processor' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l certificate -d 'Write the certificate here' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l check -d 'Prove again what this certificate says, in its mode and with its stages: exit 1 and the differences where it is not so' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l timeout -d 'How long it may take' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l memory -d 'How much memory it may use, such as 512MiB or 2GiB' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from prove" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l policy -d 'The folder with the policy\'s `.rego` files, or `embedded` for the policy that govctl ships' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l tenants -d 'The list of tenants; default: config/tenants.yaml' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l data -d 'Compiled data instead of a list of tenants' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l bundle -d 'A signed bundle instead of a folder and a list' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l verification-key -d 'The public key, PEM, that the bundle must be signed with; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l key-id -d 'Name of the key; default: the one that the bundle says' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l scope -d 'The scope that the bundle must be signed for; default: none' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l min-serial -d 'Refuse bundles with a lower serial, and those without one' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l in -d 'The requests' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l dead-letter -d 'Keep the lines that cannot be read in this file, each with its place and the cause' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l jobs -d 'Threads that decide; default: the number of cores' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l fail-on -d 'What makes the exit code 1' -r -f -a "deny\t'A request was denied'
never\t'Nothing: denied requests are no failure'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l log-field -d 'Also show this field of the request, a JSON pointer such as `/subject/id`; may be repeated' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l timeout -d 'How long it may take' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l memory -d 'How much memory it may use, such as 512MiB or 2GiB' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l strict -d 'Take records of other types for unreadable in place of passing over them'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l explain -d 'Say of each deny code in words which datum failed'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from decide" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l run -d 'Only tests whose name matches, such as data.switchboard_test.test_allowed or, a case, .../another label; the coverage is shown and asked for no longer' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l min-coverage -d 'How many percent of the lines must be covered' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l min-mutation -d 'How many percent of the mutants that decide otherwise must be noticed by a test' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l jobs -d 'Threads for the mutants; default: one for each processor' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l memory -d 'How much memory it may use, such as 512MiB or 2GiB' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l timeout -d 'How long it may take' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l no-mutation -d 'Do not change the policy to see whether the tests notice'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -f -a "build" -d 'Pack policy and data into a bundle and sign it with ES256'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from bundle" -f -a "verify" -d 'Verify a signed bundle: signature, scope, every file, nothing added, nothing missing'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l base -d 'Before: a bundle, a folder, or a Git revision; `git:REV` where a file has the name of the revision' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l head -d 'After' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l tenants-path -d 'Where the list of tenants lies in a folder or revision' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l policy-path -d 'Where the policy lies in a folder or revision' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l domain -d 'Fields of the input beside the seven that the policy reads, JSON: pointer to values, e.g. {"/context/purpose": ["support"]}' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l accept -d 'Reviewed grants, YAML: each with tenants, size, owner, reason and expiry' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l fail-on -d 'What is exit 1' -r -f -a "granted\t'Access that nobody answers for'
any\t'Also access that is taken away, and other deny codes'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l mode -d 'Which tenants are looked at' -r -f -a "auto\t'`full` up to 100,000 points, else `classes`'
full\t'Every tenant stands for itself'
classes\t'One tenant, beside another one, stands for all of equal region, labels and classes on both sides'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l max-points -d 'Where more would have to be compared nothing is, instead of a part' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l jobs -d 'Threads; default: one for each processor' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l verification-key -d 'The public key, PEM, that the bundle must be signed with; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l key-id -d 'Name of the key; default: the one that the bundle says' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l scope -d 'The scope that the bundle must be signed for; default: none' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l min-serial -d 'Refuse bundles with a lower serial, and those without one' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l timeout -d 'How long it may take' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l memory -d 'How much memory it may use, such as 512MiB or 2GiB' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand tenant; and __fish_seen_subcommand_from compare" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -f -a "backtest" -d 'Judge rules on their history: false positives against fixed and rolling thresholds at the same detection power'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -f -a "detect" -d 'Alert when a series deviates from its own past: hour, weekday and drift of each tenant'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -f -a "explain" -d 'Explain an alert: what was expected, by how much it was exceeded, which term decided; and compute its score again'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and not __fish_seen_subcommand_from backtest detect explain tune" -f -a "tune" -d 'Find parameters from history that hear what must be detected with the fewest notifications'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l rules -d 'Which series are watched and how: adaptive.yaml' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l params -d 'Parameters that `anomaly tune` found for these rules' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l against -d 'Parameters that are in use: the candidate may not have more false positives than they, nor lose power that the rule asks for' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l columns -d 'What the data calls `ts`, `value`, a field of the rules, or `label`, such as ts=TimeStamp,value=Value' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l tenant -d 'Tenant of records that carry none; `@stem` is the name of their file without its ending' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l dead-letter -d 'Keep the lines that cannot be used in this file, each with its place and the cause' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l max-series -d 'So many series at most, over all rules; records of further ones are refused' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l labels -d 'Labelled anomalies: CSV or NDJSON with `rule`, `tenant`, `series`, `start`, `end` (half open), `kind`, `id`; or JSON of the Numenta benchmark, whose file names are tenants. A column of the data that --columns names `label` counts too' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l ignore -d 'Intervals that count neither way, in the same forms; inside a labelled window nothing is ignored' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l around -d 'Buckets before and after a single labelled point that belong to its window' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l warmup -d 'What of each series is learned from and not judged: a share, or a time' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l inject -d 'Effects to inject per rule and kind (spike, burst, drop, ramp, shift), each in four sizes; 0 leaves them out' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l gate -d 'What has to reach the limits: bounds, or estimates alone' -r -f -a "lower\t'The lower bounds of power and reduction'
point\t'The estimates; the bounds are only told'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l min-reduction -d 'By how much the false positive rate has to be lower, as a fraction' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l gate-baseline -d 'Than which baseline' -r -f -a "static\t'Mean and standard deviation of the warm-up'
rolling_z\t'Mean and standard deviation of the seven days before'
both\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l cluster -d 'What is drawn with replacement for the bounds of reductions' -r -f -a "series\t'Each series for itself'
tenant\t'All series of a tenant together'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l resamples -d 'How often that is drawn' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l set -d 'Judge the series of these tenants together, and let the exit code follow these sets alone; `*` stands for any text' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l report -d 'Write a page: one file that needs no network' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l chart -d 'Write the chart of power against false positives alone, as SVG' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l strict-data -d 'Take for an error what is else counted and passed over: the same time twice with another value; labels that meet no data'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l with-literal -d 'Also judge the specification\'s sketch taken literally'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from backtest" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l rules -d 'Which series are watched and how: adaptive.yaml' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l params -d 'Parameters that `anomaly tune` found for these rules' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l columns -d 'What the data calls `ts`, `value`, a field of the rules, or `label`, such as ts=TimeStamp,value=Value' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l tenant -d 'Tenant of records that carry none; `@stem` is the name of their file without its ending' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l dead-letter -d 'Keep the lines that cannot be used in this file, each with its place and the cause' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l max-series -d 'So many series at most, over all rules; records of further ones are refused' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l state -d 'What was learned so far: read before and written after the run, which then goes on where the last one ended' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l resume -d 'How the input follows on that of the last run' -r -f -a "continue\t'The input goes on where that of the last run ended'
overlap\t'The input repeats all buckets that were open then'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l state-every -d 'Also write the state during a run, at most so often, for streams that do not end' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l lock-timeout -d 'How long to wait for another run that has the state' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l guard -d 'Whether the rules are watched for going deaf' -r -f -a "on\t'Canaries when a day is over or their verdict changes, the weekly checks when a week is over'
off\t''
report\t'All checks once, at the end of the run, and mutes that have expired'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l fail-on -d 'What makes the exit code 1' -r -f -a "alert\t'An alert that opens or grows, or a guard that fails; of rules without parameters the canaries only warn'
guard\t'A guard that fails, with or without parameters; alerts do not count'
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l strict-data -d 'Take for an error what is else counted and passed over: the same time twice with another value; labels that meet no data'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l points -d 'Also write a record for each closed bucket'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l allow-inconclusive -d 'Accept canaries that are still inconclusive after seven scored days'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from detect" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l rules -d 'Which series are watched and how: adaptive.yaml' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l params -d 'Parameters that `anomaly tune` found for these rules' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l alerts -d 'Explain all alerts of this stream of `anomaly detect`; `-` is standard input' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l at -d 'Explain the bucket that holds this time: RFC 3339, YYYY-MM-DD HH:MM:SS in the rule\'s zone, or seconds or milliseconds since 1970' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l rule -d 'Of this rule; needed only where the file has several' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l series -d 'The other group fields of the series, NAME=VALUE with commas between them, as alerts show them' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l columns -d 'What the data calls `ts`, `value`, a field of the rules, or `label`, such as ts=TimeStamp,value=Value' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l dead-letter -d 'Keep the lines that cannot be used in this file, each with its place and the cause' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l max-series -d 'So many series at most, over all rules; records of further ones are refused' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l tenant -d 'Tenant of the bucket that --at asks about, and of records that carry none; `@stem` is the name of their file without its ending' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l strict-data -d 'Take for an error what is else counted and passed over: the same time twice with another value; labels that meet no data'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l rules -d 'Which series are watched and how: adaptive.yaml' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l params -d 'Parameters that `anomaly tune` found for these rules' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l out -d 'The parameter file: replaced as a whole, and only where something new is to be written. It may be that of --params' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l labels -d 'Known anomalies, into which nothing is injected: CSV or NDJSON with `rule`, `tenant`, `series`, `start`, `end` (half open); or JSON of the Numenta benchmark, whose file names are tenants. A column of labels counts too, where --columns names it (label=NAME)' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l columns -d 'What the data calls `ts`, `value`, a field of the rules, or `label`, such as ts=TimeStamp,value=Value' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l tenant -d 'Tenant of records that carry none; `@stem` is the name of their file without its ending' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l dead-letter -d 'Keep the lines that cannot be used in this file, each with its place and the cause' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l max-series -d 'So many series at most, over all rules; records of further ones are refused' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l strict-data -d 'Take for an error what is else counted and passed over: the same time twice with another value; labels that meet no data'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand anomaly; and __fish_seen_subcommand_from tune" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and not __fish_seen_subcommand_from verify" -f -a "verify" -d 'Verify evidence: the signature of the manifest, every file, nothing added, and the chain'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l producer-key -d 'Public key, P-256 in PEM, of who may have made the runs; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l allow-unsigned -d 'Accept runs that nobody signed; signed ones still need their key'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l all-checks -d 'Also print the checks that passed'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand evidence; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -f -a "publish" -d 'Publish manifests in a log that nobody can rewrite unseen'
complete -c govctl -n "__fish_govctl_using_subcommand index; and not __fish_seen_subcommand_from publish verify" -f -a "verify" -d 'Verify a published index: its checkpoint, every hash, signature and chain, and that it only grew'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l dest -d 'The site, a folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l entry-key -d 'Signs entries: a private P-256 key in PEM; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l log-key -d 'Signs checkpoints: a private Ed25519 key in PEM; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l origin -d 'Name of the log for ever, such as exports.acme.example: a host name without port and path' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l keys -d 'Make the keys, entry.pem and log.pem, in this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l regions -d 'The regions that the index may have, such as EU,US' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l trust -d 'Where verifiers find what to pin; the site gets a copy' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l producer-key -d 'Who may sign the manifests of a region, or of all; a public P-256 key. Unsigned manifests are refused then' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l ledger -d 'How far the log key has signed; default: beside --log-key, with `.ledger` behind its name' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l manifests -d 'Whether the manifests themselves are published' -r -f -a "public\t'Anybody can read them'
withheld\t'Only their digests are published'"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l withdraw -d 'Take back the export of this manifest: an entry says so, and the first one stays' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l reason -d 'Why it is taken back' -r -f -a "error\t''
superseded\t''
legal_erasure\t''
other\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l lock-timeout -d 'How long to wait for another publisher' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l clock-skew -d 'How far the clock may lie behind the last entry' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l init -d 'Begin a new index: keys, trust directory, and the signed checkpoint of an empty log'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l new-region -d 'The region is new: without this a typing error would begin a chain'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l dry-run -d 'Say what would be published, and change nothing'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from publish" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l site -d 'The site, a folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l trust -d 'The trust directory, from elsewhere than the site; it stays pinned' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l state -d 'Where to remember what was seen; default: $XDG_STATE_HOME/govctl/heads, or ~/.local/state/govctl/heads' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l entries -d 'Which entries are verified one by one' -r -f -a "none\t'The tree alone, its history and its witnesses'
new\t'Those that were not verified before'
all\t'All of them'"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l require -d 'What has to be established for the site to be valid; `manifest` looks at all entries' -r -f -a "append_only\t''
witness\t''
manifest\t''
freshness\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l local -d 'Run directories that must be in the index as they are' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l fork-dir -d 'Where the proof of a fork is written; default: `forks` in the folder of --state' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l fail-on -d 'What makes the exit code 1' -r -f -a "stale\t'An older view of the log, too'
invalid\t'Only what is wrong or contradicts itself'"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l max-age -d 'How old the newest time may be that witnesses vouch for' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l clock-skew -d 'How far the clocks of witnesses may be ahead' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l tofu -d 'Trust on first use: pin the site\'s own copy where none was pinned before'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l no-save-head -d 'Compare with what was seen before, and remember nothing'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l all-checks -d 'Print each check of each entry and file, those that passed too'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand index; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -f -a "keygen" -d 'Create a key file that only its owner may read'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -f -a "explain" -d 'Say what a finding code or an exit code means and what to do'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -f -a "schemas" -d 'The JSON Schemas of all records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -f -a "completions" -d 'A completion script for a shell'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -f -a "man" -d 'Manual pages'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -f -a "reference" -d 'The reference pages of docs/ as Markdown'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l kind -d 'What the key is for' -r -f -a "hmac\t'32 random bytes as hex, for --hmac-key'
p256\t'A private P-256 key as PEM (PKCS#8), for --signing-key and --evidence-key'
ed25519\t'A private Ed25519 key as PEM (PKCS#8), for checkpoints and cosignatures of a log'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l out -d 'The key file to create' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l public -d 'Also write the public key, PEM, for --verification-key and --producer-key' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l out -d 'Write one file per record type into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l out -d 'Write one page per command into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l page -d 'Which page' -r -f -a "cli\t'Every command with its flags, defaults and examples (docs/cli.md)'
exit-codes\t'docs/exit-codes.md'
finding-codes\t'docs/finding-codes.md'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l now -d 'Logical now, RFC 3339: with it and the same arguments a rerun gives the same bytes, run_id included. Or `system`, the clock of the machine; `anomaly detect` takes it for the time of its input, which is else that of the newest record (`watermark`)' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r -f -a "(__fish_complete_directories)"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l evidence-key -d 'Sign the manifest of the evidence with this private key, P-256 in PEM, in a file of mode 0600; or env:NAME' -r -F
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l region -d 'Where the evidence is made, such as EU or EU/de; each region of the folder has a chain of its own. For `index publish` the region of the manifests' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s v -l verbose -d 'Also remarks on standard error: what was read, what was counted'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s V -l version -d 'Print version'
