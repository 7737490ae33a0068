#!/usr/bin/env bash
# Memory of commands that stream does not depend on how many rows there are.
. "$(dirname "$0")/harness.sh"
: "${OCELOT_PEAK:?path of the ocelot-peak program}"

# 20 times the rows may add 3 MB: what was seen is below 1 (heaps settle, output buffers reach their size), and keeping as little as 100 bytes of each
# of the 38,000 rows more would show.
FEW=2000 MANY=40000 BOUND=3000

# What was freed goes back at once, so that peaks are what is held, not how heaps of threads happened to lie.
export MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_ARENA_MAX=1

"$PYTHON" - $FEW $MANY <<'PY'
import random, sys
for count in [1000] + [int(a) for a in sys.argv[1:]]:
    draw = random.Random(5)
    with open(f"{count}.csv", "w") as csv, open(f"{count}.libsvm", "w") as libsvm:
        csv.write(",".join(f"f{k + 1}" for k in range(12)) + "\n")
        for row in range(count): # every tenth row lies apart for a while: outliers, and incidents of some length
            values = [f"{draw.gauss(3 if row % 100 < 10 and k < 4 else 0, 1):.6g}" for k in range(12)]
            csv.write(",".join(values) + "\n")
            libsvm.write("0 " + " ".join(f"{k + 1}:{v}" for k, v in enumerate(values)) + "\n")
PY
"$PYTHON" -c 'import sys; [open(f"{n}.txt", "w").write(n * (sys.argv[1] + "/garments-bag.png\n")) for n in (100, 2000)]' "$OCELOT_DATA"
run 0 "$OCELOT" train 1000.csv -q -o m.model

# peak_of COMMAND...: kilobytes in `kilobytes`
peak_of() {
    rm -rf peak out.data
    run 0 "$OCELOT_PEAK" peak "$OCELOT" "$@" -q -o out.data
    kilobytes=$(cat peak)
}

# grows_little FEW MANY COMMAND...: the command with either file where it says DATA
grows_little() {
    local few=$1 many=$2 small
    shift 2
    peak_of "${@//DATA/$few}"
    small=$kilobytes
    [ "$small" -gt 1000 ] || fail "a peak of $small kB is none"
    peak_of "${@//DATA/$many}"
    [ $((kilobytes - small)) -lt $BOUND ] || fail "$*: $small kB with $few, $kilobytes kB with $many"
}

grows_little $FEW.csv $MANY.csv score m.model DATA --format csv --threads 2
grows_little $FEW.csv $MANY.csv explain m.model DATA --format jsonl --threads 2
grows_little $FEW.csv $MANY.csv explain m.model DATA --format csv --threads 2
grows_little $FEW.libsvm $MANY.libsvm explain m.model DATA --format jsonl --threads 2
grows_little $FEW.csv $MANY.csv explain m.model DATA --incidents --format jsonl --threads 2
grows_little $FEW.csv $MANY.csv explain m.model DATA --only-outliers --format csv --threads 2
grows_little $FEW.csv $MANY.csv evaluate m.model DATA --methods dtd,gradient --rows 4 --draws 10 --threads 1 --format json
grows_little 100.txt 2000.txt explain "$OCELOT_DATA/models/fashion.onnx" DATA --batch 4 --format csv --threads 2
