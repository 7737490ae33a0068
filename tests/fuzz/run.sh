#!/usr/bin/env bash
# run.sh SECONDS [TARGET...]: every fuzz target (or those named) for that long, from its seeds in corpus/. Builds the preset `fuzz` first
# (clang with libFuzzer). What is found is kept in build/fuzz/found/TARGET: new inputs, and crash-* for inputs that broke something.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...]}
shift
found=$PWD/build/fuzz/found
log=$(mktemp)
trap 'rm -f "$log"' EXIT

cmake --preset fuzz >"$log" || { cat "$log" >&2; exit 1; }
mapfile -t targets < <(sed -nE 's/^ocelot_fuzz\(([a-z0-9_]+) .*/\1/p' tests/fuzz/CMakeLists.txt)
[ $# = 0 ] || targets=("$@")
cmake --build --preset fuzz --target "${targets[@]/#/fuzz-}" >"$log" || { cat "$log" >&2; exit 1; }

failed=0
for target in "${targets[@]}"; do
    program=$(find build/fuzz/tests -name "fuzz-$target" -type f)
    mkdir -p "$found/$target"
    # Seed 0 is a new one each time. A leak, a hang of 10 s or more than 2 GiB are findings like a crash.
    if "$program" -seed="${OCELOT_FUZZ_SEED:-0}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found/$target/" \
        "$found/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
        echo "fuzz $target: $(sed -nE 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, nothing found"
    else
        tail -n 60 "$log" >&2
        echo "fuzz $target: broken; the input is in $found/$target" >&2
        failed=$((failed + 1))
    fi
done
echo "fuzz: $((${#targets[@]} - failed)) passed, $failed failed"
[ "$failed" = 0 ]
