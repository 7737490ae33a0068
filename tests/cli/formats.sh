#!/usr/bin/env bash
# Every format that rows come in and records go out, and files that appear whole or not at all.
. "$(dirname "$0")/harness.sh"

train_table -q
run 3 "$OCELOT" explain table.model today.csv -q
cp out all.jsonl

# By name, and by the ending of the output's name.
for format in jsonl csv npy text libsvm; do
    run 3 "$OCELOT" explain table.model today.csv -q --format $format -o "by-name.$format"
    [ ! -s out ] || fail "--output also writes to standard output"
    run 3 "$OCELOT" explain table.model today.csv -q --format $format
    same out "by-name.$format"
    [ $format = text ] || { run 3 "$OCELOT" explain table.model today.csv -q -o "ending.$format"; same "ending.$format" "by-name.$format"; }
    ls *.tmp 2>ls.err && fail "a temporary file is left"
done
same by-name.jsonl all.jsonl

"$PYTHON" - <<'PY' || fail "CSV"
import csv, json, math
records = [json.loads(line) for line in open("all.jsonl")]
table = list(csv.DictReader(open("by-name.csv")))
assert len(table) == len(records) == 44, len(table)
names = [c for c in table[0] if c.startswith("relevance:")]
assert names == ["relevance:x", "relevance:y", "relevance:z"], names
for r, line in zip(records, table):
    assert int(line["row"]) == r["row"]
    if "error" in r:
        assert line["error"] == r["error"], line
        continue
    for key in ("outlier_score", "threshold", "decision_value", "explained", "residual", "excess"):
        assert float(line[key]) == r[key], (key, line, r)
    for f in r["features"]:
        assert float(line["relevance:" + f["name"]]) == f["relevance"]
PY

"$PYTHON" - <<'PY' || fail "NumPy"
import json, numpy
records = [json.loads(line) for line in open("all.jsonl")]
R = numpy.load("by-name.npy")
assert R.shape == (44, 3) and R.dtype == numpy.float64, (R.shape, R.dtype)
for r, row in zip(records, R):
    if "error" in r:
        assert numpy.isnan(row).all()
    else:
        for f in r["features"]:
            assert row["xyz".index(f["name"])] == f["relevance"]
PY

# Fewer rows than were read: the header of the NumPy file says how many there are.
run 3 "$OCELOT" explain table.model today.csv -q --only-outliers -f npy -o few.npy
"$PYTHON" - <<'PY' || fail "NumPy, outliers only"
import json, numpy
records = [json.loads(line) for line in open("all.jsonl")]
R = numpy.load("few.npy")
assert R.shape == (sum("error" in r or r["is_outlier"] for r in records), 3), R.shape
PY

[ "$(grep -vc '^#' by-name.libsvm)" -ge 43 ] || fail "libsvm has too few lines"
has by-name.libsvm "# outlier_score "
has by-name.text "expected"

# npy, gz and LIBSVM data come in as well as CSV.
cut -d, -f2-4 table.csv | tail -n +2 >plain.csv
run 0 "$OCELOT" train plain.csv -q -o plain.model
run 0 "$OCELOT" explain plain.model plain.csv
cp out plain.jsonl
"$PYTHON" - <<'PY'
import numpy
X = numpy.loadtxt("plain.csv", delimiter=",")
numpy.save("plain.npy", X)
with open("plain.libsvm", "w") as f:
    for row in X:
        f.write("1 " + " ".join(f"{i + 1}:{v!r}" for i, v in enumerate(row.tolist()) if v != 0) + "\n")
PY
run 0 "$OCELOT" explain plain.model plain.npy
same out plain.jsonl
run 0 "$OCELOT" explain plain.model plain.libsvm
check '
for a, b in zip(rows, load("plain.jsonl")):
    assert a["features"] == b["features"] and a["outlier_score"] == b["outlier_score"]
' out
run 0 "$OCELOT" explain plain.model - <plain.npy
same out plain.jsonl
gzip -kc plain.npy | "$OCELOT" explain plain.model - >out
same out plain.jsonl
run 0 "$OCELOT" train plain.npy -q -o from-npy.model
run 0 "$OCELOT" train plain.libsvm -q -o from-libsvm.model
same plain.model from-npy.model
same plain.model from-libsvm.model

# Rows that get wider on the way, at both ends, and such that are as wide from the start.
"$PYTHON" - <<'PY'
import random
random.seed(7)
with open("late.libsvm", "w") as late, open("early.libsvm", "w") as early:
    for k in range(1300):
        row = [0 if k < 1200 else random.gauss(0, 1)] + [random.gauss(0, 1) for _ in range(4)] + [0 if k < 700 else random.gauss(0, 1)]
        early.write("1 " + " ".join(f"{i}:{v!r}" for i, v in enumerate(row)) + "\n")
        late.write("1 " + " ".join(f"{i}:{v!r}" for i, v in enumerate(row) if v) + "\n")
PY
run 0 "$OCELOT" train early.libsvm -q -o early.model
run 0 "$OCELOT" train late.libsvm -q -o late.model
same early.model late.model
run 0 "$OCELOT" train - -q -o piped.model <late.libsvm
same early.model piped.model

# score writes every format too: without relevance, npy holds the scores and libsvm the labels with the scores behind them.
run 3 "$OCELOT" score table.model today.csv -q -o scores.npy
run 3 "$OCELOT" score table.model today.csv -q -f libsvm -o scores.libsvm
"$PYTHON" - <<'PY' || fail "formats of score"
import json, numpy
records = [json.loads(line) for line in open("all.jsonl")]
scores, lines = numpy.load("scores.npy"), open("scores.libsvm").read().splitlines()
assert scores.shape == (44,) and len(lines) == 44, (scores.shape, len(lines))
for r, score, line in zip(records, scores, lines):
    if "error" in r:
        assert numpy.isnan(score) and line.startswith("nan # ")
        continue
    assert score == r["outlier_score"], (score, r)
    label, comment = line.split(" # ")
    words = comment.split()
    assert (float(label) < 0) == r["is_outlier"] and words[0::2] == ["outlier_score", "threshold"], line
    assert float(words[1]) == r["outlier_score"] and float(words[3]) == r["threshold"], line
PY
run 3 "$OCELOT" score table.model today.csv --format csv -q
lines out 45
run 3 "$OCELOT" score table.model today.csv --format text -q

# Settings of a method are called as they were given.
run 2 "$OCELOT" explain table.model today.csv --method taylor --set nodes=-1
has err "--set nodes=...: found '-1', expected a whole number from "

# A failing run leaves the old file as it was, and no other.
echo precious >kept.jsonl
run 1 "$OCELOT" explain table.model nowhere.csv -o kept.jsonl
[ "$(cat kept.jsonl)" = precious ] || fail "the old output is gone"
ls *.tmp 2>ls.err && fail "a temporary file is left"
run 3 "$OCELOT" explain table.model today.csv -q -o kept.jsonl
same kept.jsonl all.jsonl

# A link stays one: the file that it leads to appears whole or not at all, also where it was not there yet, relative to the link's folder.
mkdir -p far/away
echo precious >far/away/kept.jsonl
ln far/away/kept.jsonl far/old.jsonl
ln -s away/kept.jsonl far/link.jsonl
ln -s far/link.jsonl chain.jsonl
ln -s far/away/new.jsonl dangling.jsonl
run 1 "$OCELOT" explain table.model nowhere.csv -o chain.jsonl
[ "$(cat far/away/kept.jsonl)" = precious ] || fail "the old output behind a link is gone"
run 3 "$OCELOT" explain table.model today.csv -q -o chain.jsonl
run 3 "$OCELOT" explain table.model today.csv -q -o dangling.jsonl
for file in far/away/kept.jsonl far/away/new.jsonl; do
    same "$file" all.jsonl
done
for link in chain.jsonl far/link.jsonl dangling.jsonl; do
    [ -L $link ] || fail "$link was replaced"
done
[ "$(cat far/old.jsonl)" = precious ] || fail "the file behind a link was written in place"
ls *.tmp far/*.tmp far/away/*.tmp 2>ls.err && fail "a temporary file is left"

# A device and a pipe are written in place, and so is a name of what is open already.
run 3 "$OCELOT" explain table.model today.csv -q -o /dev/stdout
same out all.jsonl
run 3 "$OCELOT" explain table.model today.csv -q -o /dev/null
[ -c /dev/null ] || fail "/dev/null was replaced"
run 3 "$OCELOT" explain table.model today.csv -q -o -
same out all.jsonl
