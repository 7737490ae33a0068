#!/usr/bin/env bash
# monitor.sh OCELOT MONITOR COUNTED: the monitoring loop of apps/examples on a model trained here from data/. Its alarms are those of
# `ocelot score`, in order, whatever the number of threads; COUNTED, the same program with every allocation counted, makes none in the loop.
set -euo pipefail
ocelot=$1 monitor=$2 counted=$3
data=$(cd "$(dirname "$0")/../../data" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
complain() {
    echo "monitor: $1" >&2
    exit 1
}

"$ocelot" train --id id --label label "$data/glass-train.csv" -o "$work/model" >"$work/said" 2>&1 || complain "train failed: $(cat "$work/said")"
# Seven times the same rows: more readings than the ring has slots.
for _ in 1 2 3 4 5 6 7; do tail -n +2 "$data/glass-test.csv" | cut -d, -f2-10; done >"$work/rows"

"$monitor" "$work/model" 1 <"$work/rows" >"$work/one" || complain "one thread failed"
for threads in 2 8; do
    "$monitor" "$work/model" "$threads" <"$work/rows" >"$work/many" || complain "$threads threads failed"
    diff "$work/one" "$work/many" >&2 || complain "$threads threads say something else than one"
done
"$ocelot" score --id id --label label --format csv "$work/model" "$data/glass-test.csv" >"$work/scores" 2>"$work/said" || complain "score failed: $(cat "$work/said")"
outliers=$(grep -c ',true,' "$work/scores" || true)
alarms=$(grep -c '^reading [0-9]*: score .* above the threshold: .* (expected ' "$work/one" || true)
[ "$outliers" -gt 0 ] && [ "$alarms" -eq $((7 * outliers)) ] || complain "$alarms alarms for 7 times the $outliers outliers of ocelot score"

"$counted" "$work/model" 4 <"$work/rows" >"$work/many" 2>"$work/said" || complain "$(cat "$work/said")"
grep -qx 'allocations in the loop: 0' "$work/said" || complain "nothing was counted: $(cat "$work/said")"
diff "$work/one" "$work/many" >&2 || complain "the counted program says something else"

printf '1,2,3\n1 2 3 4 5 6 7 8 nan\none\n1,2,3,4,5,6,7,8,9,10\n' | "$monitor" "$work/model" >"$work/broken" || complain "broken readings stopped it"
[ "$(grep -c 'not 9 finite numbers' "$work/broken")" = 4 ] || complain "broken readings: $(cat "$work/broken")"
! "$monitor" "$work/nothing" </dev/null >/dev/null 2>"$work/said" || complain "a model that is not there was not noticed"
grep -q 'nothing' "$work/said" || complain "a model that is not there: $(cat "$work/said")"
echo "monitor: $alarms alarms, the same from 1, 2, 4 and 8 threads, no allocation in the loop"
