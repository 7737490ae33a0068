#!/usr/bin/env bash
# Beside LIBSVM's own programs: their files, their scaling, their labels.
. "$(dirname "$0")/harness.sh"

"$PYTHON" - <<'PY'
import random
random.seed(11)
def rows(n, spread):
    for _ in range(n):
        a = random.gauss(0, spread)
        yield [a + 50, 2 * a + random.gauss(0, 0.3), random.gauss(0, spread) * 1000, random.choice([0, 0, 1])]
def write(path, table, label):
    with open(path, "w") as f:
        for r in table:
            f.write(label(r) + " " + " ".join(f"{i + 1}:{v!r}" for i, v in enumerate(r) if v) + "\n")
write("train.txt", rows(300, 1), lambda r: "1")
write("test.txt", rows(200, 1.6), lambda r: random.choice(["+1", "-1"]))
PY

# A file that svm-train -s 2 wrote is explained without any option.
svm-scale -l -1 -u 1 -s scale.txt train.txt >train.scaled 2>scale.err
svm-scale -r scale.txt test.txt >test.scaled 2>scale.err
svm-train -s 2 -n 0.1 -q train.scaled foreign.model
run 0 "$OCELOT" explain foreign.model test.scaled
lines out 200
cp out foreign.jsonl
svm-predict test.scaled foreign.model labels >predict.out
check '
labels = [float(v) for v in open("labels")]
assert len(labels) == len(rows) == 200 and -1 in labels and 1 in labels
for r, label in zip(rows, labels):
    assert r["is_outlier"] == (label < 0), r
    assert close(r["explained"] + r["residual"], r["outlier_score"], 1e-9)
' foreign.jsonl

# With the range file, raw rows give the same, and values are in raw units.
run 0 "$OCELOT" explain foreign.model test.txt --range scale.txt
check '
raw = [[0.0] * 4 for _ in rows]
for k, line in enumerate(open("test.txt")):
    for word in line.split()[1:]:
        i, v = word.split(":")
        raw[k][int(i) - 1] = float(v)
for r, s, x in zip(rows, load("foreign.jsonl"), raw):
    assert close(r["outlier_score"], s["outlier_score"], 1e-4), (r, s)   # svm-scale rounds to 6 digits
    for f in r["features"]:
        assert f["value"] == x[int(f["name"][1:]) - 1]
' out
cp out ranged.jsonl
run 0 "$OCELOT" convert foreign.model ours.model --range scale.txt
run 0 "$OCELOT" explain ours.model test.txt -q
same out ranged.jsonl

# What train writes, svm-predict reads; with the range file of --save-range the labels are ours.
for scaling in standard robust minmax none; do
    if [ $scaling = none ]; then
        # Raw columns differ by thousands; auto is as good a gamma as any here.
        run 0 "$OCELOT" train train.txt --scale-features none --gamma auto -q -o ours.model
        cp test.txt ours.scaled
    else
        run 0 "$OCELOT" train train.txt --scale-features $scaling --save-range ours.range -q -o ours.model
        svm-scale -r ours.range test.txt >ours.scaled 2>scale.err
    fi
    svm-predict ours.scaled ours.model labels >predict.out || fail "svm-predict does not read the model ($scaling)"
    run 0 "$OCELOT" score ours.model test.txt -q
    check '
labels = [float(v) for v in open("labels")]
assert len(labels) == len(rows) == 200
# svm-scale writes 6 digits: a score nearer to the threshold than that may round to either side. 1e-3 is far above it, and few rows are there.
sure = [(r, l) for r, l in zip(rows, labels) if abs(r["outlier_score"] - r["threshold"]) > 1e-3 * r["threshold"]]
assert len(sure) > 180
for r, label in sure:
    assert r["is_outlier"] == (label < 0), (r, label)
assert any(r["is_outlier"] for r, _ in sure)
' out
done

# svm-explain: svm-predict's arguments, labels and summary.
run 0 "$SVM_EXPLAIN" test.scaled foreign.model explained
cp out summary
svm-predict test.scaled foreign.model labels >predicted
same summary predicted
lines explained 200
"$PYTHON" - <<'PY' || fail "svm-explain"
import json, math
records = [json.loads(line) for line in open("foreign.jsonl")]
labels = [float(v) for v in open("labels")]
for line, r, label in zip(open("explained"), records, labels):
    body, comment = line.split("#")
    words = body.split()
    assert float(words[0]) == label, (line, label)
    R = {int(w.split(":")[0]): float(w.split(":")[1]) for w in words[1:]}
    for f in r["features"]:
        assert R.get(int(f["name"][1:]), 0.0) == f["relevance"], (line, f)
    assert list(R) == sorted(R)
    c = comment.split()
    assert c[0] == "outlier_score" and float(c[1]) == r["outlier_score"]
    assert c[2] == "threshold" and float(c[3]) == r["threshold"]
    assert c[4] == "residual" and float(c[5]) == r["residual"]
PY
run 0 "$SVM_EXPLAIN" -q -b 1 test.scaled foreign.model quiet
[ ! -s out ] || fail "-q is not quiet"
same quiet explained
run 0 "$SVM_EXPLAIN" -r scale.txt -q test.txt foreign.model raw
lines raw 200
run 1 "$SVM_EXPLAIN" nowhere foreign.model quiet
has err "nowhere"
same quiet explained
run 2 "$SVM_EXPLAIN" -x test.scaled foreign.model quiet

# Labels of LIBSVM data choose the rows to train on.
awk 'NR % 3 == 0 { $1 = "-1"; $2 = "1:99999" } { print }' train.txt >mixed.txt
awk 'NR % 3 != 0' train.txt >only.txt
run 0 "$OCELOT" train mixed.txt --normal +1 -q -o mixed.model
run 0 "$OCELOT" train only.txt -q -o only.model
same mixed.model only.model

# Classifiers, pair by pair.
models=$OCELOT_DATA/models
run 0 "$OCELOT" explain "$models/wdbc-csvc.model" "$models/wdbc-csvc-test-scaled.libsvm"
svm-predict "$models/wdbc-csvc-test-scaled.libsvm" "$models/wdbc-csvc.model" labels >predicted
check '
labels = [float(v) for v in open("labels")]
assert len(rows) == len(labels) > 50
for r, label in zip(rows, labels):
    assert float(r["predicted"]) == label and "is_outlier" not in r and "outlier_score" not in r
    assert close(r["explained"] + r["residual"], r["output"], 1e-9)
' out
run 1 "$OCELOT" explain "$models/wdbc-csvc.model" "$models/wdbc-csvc-test-scaled.libsvm" --only-outliers
has err "no outliers"
run 0 "$SVM_EXPLAIN" "$models/wdbc-csvc-test-scaled.libsvm" "$models/wdbc-csvc.model" explained
same out predicted
run 2 "$OCELOT" explain "$models/wdbc-csvc.model" "$models/wdbc-csvc-test-scaled.libsvm" --target 7:8
has err "target: '7:8' is not an output of this model, which has: "
# Ten classes make 45 pairs; the first ten are named.
"$PYTHON" - <<'PY'
with open("ten.model", "w") as f:
    f.write("svm_type c_svc\nkernel_type linear\nnr_class 10\ntotal_sv 10\nrho" + " 0.5" * 45 + "\n")
    f.write("label 0 1 2 3 4 5 6 7 8 9\nnr_sv" + " 1" * 10 + "\nSV\n")
    for k in range(10):
        f.write(" ".join(f"{1 if j >= k else -1}" for j in range(9)) + f" {k + 1}:1\n")
PY
run 2 "$OCELOT" explain ten.model test.scaled --target 7:77
has err "'7:77' is not an output of this model, which has 45, the first 10: 0:1, 0:2, 0:3, 0:4, 0:5, 0:6, 0:7, 0:8, 0:9, 1:2"
lacks err "1:3"

# Regressors are scored.
awk '{ split($2, v, ":"); $1 = v[2] * v[2] + 0.3 * NR / 300; print }' train.scaled >regression.scaled
svm-train -s 3 -q regression.scaled svr.model
svm-predict test.scaled svr.model labels >predicted
run 0 "$OCELOT" score svr.model test.scaled
check '
for r, label in zip(rows, [float(v) for v in open("labels")]):
    assert close(r["output"], label, 1e-6), (r, label)   # svm-train keeps 8 digits of a support vector, svm-predict prints few
' out
run 1 "$OCELOT" explain svr.model test.scaled
