#!/usr/bin/env bash
# The audit with jq, sort and comm: diff_jq.sh FOLDER, differing keys as NDJSON on stdout.
set -euo pipefail
export LC_ALL=C
row='.after | [.tenant, .id, .actor, .action, .resource, .amount, .ok, .details, .occurred_at, .corr] | @tsv'
# Files and `wait` instead of <(...): the CPU time of a process counts only once somebody has waited for it.
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
jq -r "$row" "$1/us.ndjson" | sort >"$work/us" &
us=$!
jq -r "$row" "$1/eu.ndjson" | sort >"$work/eu" &
eu=$!
wait "$us"
wait "$eu"
comm -3 "$work/us" "$work/eu" |
  awk -F '\t' '
    $1 != "" { us[$1 "\t" $2] }
    $1 == "" { eu[$2 "\t" $3] }
    function put(key, reason, part) {
      split(key, part, "\t")
      printf "{\"tenant\":\"%s\",\"id\":%s,\"reason\":\"%s\"}\n", part[1], part[2], reason
    }
    END {
      for (key in us) put(key, key in eu ? "mismatch" : "missing_in_eu")
      for (key in eu) if (!(key in us)) put(key, "missing_in_us")
    }'
