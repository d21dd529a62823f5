# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_govctl_global_optspecs
    string join \n format= color= q/quiet v/verbose log-format= no-config now= seed= no-run-records evidence= h/help V/version
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
complete -c govctl -n "__fish_govctl_needs_command" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_needs_command" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_needs_command" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_needs_command" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_needs_command" -s v -l verbose -d 'Remarks on standard error'
complete -c govctl -n "__fish_govctl_needs_command" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_needs_command" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_needs_command" -s V -l version -d 'Print version'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "diff" -d 'Audit two regional copies of tables over their change events'
complete -c govctl -n "__fish_govctl_needs_command" -f -a "util" -d 'Keys, texts and generated artefacts'
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l format -d 'How records appear on standard output' -r -f -a "auto\t'Tables on a terminal, NDJSON in a pipe'
human\t''
ndjson\t''
sarif\t'Findings as SARIF 2.1.0'
junit\t'Findings as JUnit XML'
github\t'Findings as GitHub workflow commands'"
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l color -d 'Colour on standard error; NO_COLOR switches it off too' -r -f -a "auto\t''
always\t''
never\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l log-format -d 'Errors and warnings as text or as JSON lines' -r -f -a "text\t''
json\t''"
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand diff" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff" -s v -l verbose -d 'Remarks on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand diff" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand diff" -s V -l version -d 'Print version'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and not __fish_seen_subcommand_from keygen explain schemas completions man reference" -s v -l verbose -d 'Remarks on standard error'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l kind -d 'What the key is for' -r -f -a "hmac\t'32 random bytes as hex, for --hmac-key'"
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l out -d 'The key file to create' -r -F
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from keygen" -s v -l verbose -d 'Remarks on standard error'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Remarks on standard error'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from schemas" -s v -l verbose -d 'Remarks on standard error'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from completions" -s v -l verbose -d 'Remarks on standard error'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from man" -s v -l verbose -d 'Remarks on standard error'
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
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l now -d 'Logical now, RFC 3339; makes a rerun give the same bytes' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l seed -d 'Seed of everything random' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l evidence -d 'Write a run directory with outputs and manifest into this folder' -r
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s q -l quiet -d 'Only errors on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s v -l verbose -d 'Remarks on standard error'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l no-config -d 'Do not read govctl.toml'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -l no-run-records -d 'Leave out the govctl.run/1 records'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c govctl -n "__fish_govctl_using_subcommand util; and __fish_seen_subcommand_from reference" -s V -l version -d 'Print version'
