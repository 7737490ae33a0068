#!/usr/bin/env bash
# Models as ONNX files: there and back without loss, and the same scores in ONNX Runtime. The latter needs node and npm, which installs
# onnxruntime-node into the build folder; where that cannot be had, the exit status is 77 (skipped) after the rest has passed.
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/cli/harness.sh"

# 100 rows of glass: those of the test, and some of the training table.
cp "$OCELOT_DATA/glass-test.csv" rows.csv
sed -n 2,9p "$OCELOT_DATA/glass-train.csv" >>rows.csv
pairs=()
for kernel in rbf laplace generalised-gaussian student linear polynomial sigmoid; do
    options=()
    [ "$kernel" != rbf ] || options=(--scale-features none)
    [ "$kernel" != generalised-gaussian ] || options=(--power 1.5)
    run 0 "$OCELOT" train --id id --label label --kernel "$kernel" "${options[@]}" "$OCELOT_DATA/glass-train.csv" -o "$kernel.model"
    run 0 "$OCELOT" convert "$kernel.model" "$kernel.onnx"
    run 0 "$OCELOT" convert "$kernel.onnx" "$kernel.back"
    same "$kernel.model" "$kernel.back"
    run 0 "$OCELOT" score --id id --label label "$kernel.model" rows.csv
    mv out "$kernel.jsonl"
    run 0 "$OCELOT" score --id id --label label "$kernel.onnx" rows.csv
    same out "$kernel.jsonl"
    pairs+=("$kernel.onnx" "$kernel.jsonl")
done
lines rbf.jsonl 100

# A foreign classifier with its scaling, on the network's own reading of a pair.
run 0 "$OCELOT" convert --range "$OCELOT_DATA/models/wdbc-csvc.range" "$OCELOT_DATA/models/wdbc-csvc.model" wdbc.onnx
run 0 "$OCELOT" convert wdbc.onnx wdbc.model
run 0 "$OCELOT" score wdbc.model "$OCELOT_DATA/models/wdbc-csvc-test.libsvm"
mv out wdbc.jsonl
run 0 "$OCELOT" score wdbc.onnx "$OCELOT_DATA/models/wdbc-csvc-test.libsvm"
same out wdbc.jsonl

# Networks come back too, but are no kernel machines.
run 0 "$OCELOT" convert "$OCELOT_DATA/models/fashion.onnx" network.onnx
run 0 "$OCELOT" inspect network.onnx
run 1 "$OCELOT" convert network.onnx network.model
has err "not a kernel machine"

"$PYTHON" - <<'PY'
import csv, json
with open("rows.csv") as f:
    rows = list(csv.reader(f))
json.dump([[float(v) for v in row[1:10]] for row in rows[1:]], open("rows.json", "w"))
PY
"$PYTHON" - "$OCELOT_DATA/models/wdbc-csvc-test.libsvm" <<'PY'
import json, sys
rows = []
for line in open(sys.argv[1]):
    row = [0.0] * 30
    for pair in line.split()[1:]:
        index, value = pair.split(":")
        row[int(index) - 1] = float(value)
    rows.append(row)
json.dump(rows, open("wdbc.json", "w"))
PY

skip() {
    echo "skipped in ONNX Runtime: $1"
    exit 77
}
command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not there"
folder=${OCELOT_BUILD:?the build folder}/onnxruntime
if [ ! -d "$folder/node_modules/onnxruntime-node/bin" ]; then
    # This version has the library for the CPU inside, so none of its scripts has to run.
    mkdir -p "$folder"
    (cd "$folder" && echo '{"private": true}' >package.json && timeout 200 npm install --ignore-scripts --no-audit --no-fund onnxruntime-node@1.17.3) >out 2>err ||
        skip "npm cannot install onnxruntime-node"
fi
node -e 'require(process.argv[1])' "$folder/node_modules/onnxruntime-node" >out 2>err || skip "onnxruntime-node does not run here"
run 0 node "$here/parity/onnxruntime.js" "$folder/node_modules" rows.json "${pairs[@]}"
cat out
lines out 14
run 0 node "$here/parity/onnxruntime.js" "$folder/node_modules" wdbc.json wdbc.onnx wdbc.jsonl
cat out
# Scores of other rows must be noticed.
tail -n +2 rbf.jsonl >other.jsonl
head -n 1 rbf.jsonl >>other.jsonl
run 1 node "$here/parity/onnxruntime.js" "$folder/node_modules" rows.json rbf.onnx other.jsonl
