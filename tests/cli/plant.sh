#!/usr/bin/env bash
# plant: tables with known culprits, which our own readers take, and in which they are found.
. "$(dirname "$0")/harness.sh"

make_tables

# Exactly the cells that the truth names differ from the table that was read; ids are rows; the label tells the planted ones.
planted() {
    "$PYTHON" - "$@" <<'PY' || fail "planted: $*"
import csv, sys
before, after, truth, incidents = sys.argv[1:5]
rows = lambda path: list(csv.DictReader(open(path, newline="")))
old, new = rows(before), rows(after)
names = [n for n in new[0] if n not in ("id", "label")]
assert len(old) == len(new) and list(new[0]) == ["id"] + names + ["label"]
told = {}
for t in rows(truth):
    assert t["kind"] in ("shift", "several", "correlation", "subspace", "density")
    features = t["features"].split(";" if ";" in t["features"] else None) if t["features"] not in names else [t["features"]]
    first, end = (int(t["start"]), int(t["end"])) if int(incidents) else (int(t["row"]), int(t["row"]) + 1)
    for r in range(first, end):
        assert r not in told and features and set(features) <= set(names), t
        told[r] = set(features)
assert told
for r, (a, b) in enumerate(zip(old, new)):
    assert b["id"] == str(r) and b["label"] == str(int(r in told)), r
    assert {n for n in names if float(a[n]) != float(b[n])} == told.get(r, set()), r
PY
}

grep -v broken table.csv | cut -d, -f2-4 >normal.csv
run 0 "$OCELOT" plant normal.csv --truth truth.csv -o planted.csv
has err "planted 40 anomalies into 400 rows of 3 features"
planted normal.csv planted.csv truth.csv 0
for kind in shift several correlation subspace density "several,density"; do
    run 0 "$OCELOT" plant normal.csv -q --kind "$kind" --share 0.3 --seed 7 --truth truth.csv -o planted.csv
    planted normal.csv planted.csv truth.csv 0
    [ ! -s err ] || fail "--quiet is not"
done
run 0 "$OCELOT" plant normal.csv --length 7 --count 9 --truth truth.csv -o planted.csv
has truth.csv "start,end,features,kind"
lines truth.csv 10
planted normal.csv planted.csv truth.csv 1

# Same seed, same bytes; other seed, other bytes; standard output is the file.
run 0 "$OCELOT" plant normal.csv --seed 3 --truth a.csv -o one.csv
run 0 "$OCELOT" plant normal.csv --seed 3 --truth b.csv
same out one.csv
same a.csv b.csv
run 0 "$OCELOT" plant normal.csv --seed 4
! cmp -s out one.csv || fail "the seed makes no difference"
run 0 "$OCELOT" plant - --seed 3 <normal.csv
same out one.csv

# Columns that are not features, rows that are not normal, and none planted: the table itself.
run 0 "$OCELOT" plant table.csv --id id --label state --normal ok --share 0 -o same.csv
has err "planted 0 anomalies into 400 rows"
cut -d, -f2-4 same.csv >same-values.csv
"$PYTHON" -c '
import csv
read = lambda path: [[float(v) for v in r] for r in list(csv.reader(open(path)))[1:]]
assert read("normal.csv") == read("same-values.csv")' || fail "rows that nothing was planted into changed"

# Names that need care.
printf 'oil pressure,"a,b"\n' >odd.csv
"$PYTHON" -c '
import random
random.seed(1)
for k in range(50):
    x = random.gauss(0, 1)
    print("%r,%r" % (x, x + random.gauss(0, .1)))' >>odd.csv
run 0 "$OCELOT" plant odd.csv --kind subspace --features 2 --truth odd-truth.csv -o odd-planted.csv
has odd-truth.csv '"oil pressure;a,b",subspace'
planted odd.csv odd-planted.csv odd-truth.csv 0

# Made tables: the same margins, found by who knows the correlation, not by who looks at single features.
run 0 "$OCELOT" plant --generate blocks:20x5x.95 --rows 2000 --kind correlation --share 0.25 --truth truth.csv -o planted.csv
lines planted.csv 2001
lines truth.csv 501
"$PYTHON" - <<'PY' || fail "broken correlations"
import csv
rows = list(csv.reader(open("planted.csv")))
names, x = rows[0][1:-1], [[float(v) for v in r[1:-1]] for r in rows[1:]]
def auc(score, bad):
    pairs = [(s > t) + (s == t) / 2 for s, b in zip(score, bad) if b for t, c in zip(score, bad) if not c]
    return sum(pairs) / len(pairs)
known, alone = [], []
for t in csv.DictReader(open("truth.csv")):
    row, bad = x[int(t["row"])], [n in t["features"].split() for n in names]
    # In a block of n with correlation r what the others lead one to expect is r / (1 + (n - 2) r) times their sum.
    expected = [.95 / (1 + 3 * .95) * (sum(row[i // 5 * 5:i // 5 * 5 + 5]) - row[i]) for i in range(20)]
    known.append(auc([abs(a - b) for a, b in zip(row, expected)], bad))
    alone.append(auc([abs(a) for a in row], bad))
known, alone = sum(known) / len(known), sum(alone) / len(alone)
assert known > 0.84, known   # about .87; a mean of 500 rows with a deviation of .2 is within .03
assert 0.45 < alone < 0.55, alone
PY

# What is written is what train reads, and the rows planted are found.
run 0 "$OCELOT" train planted.csv --id id --label label --normal 0 -q -o planted.model
run 0 "$OCELOT" score planted.model planted.csv --id id --label label -o scores.jsonl
check '
bad = [r["outlier_score"] for r in rows if r["label"] == "1"]
good = [r["outlier_score"] for r in rows if r["label"] == "0"]
bad.sort(); good.sort()
assert bad[len(bad) // 2] > good[9 * len(good) // 10], (bad[len(bad) // 2], good[9 * len(good) // 10])
' scores.jsonl

# What cannot be.
run 2 "$OCELOT" plant
has err "no data given"
run 2 "$OCELOT" plant normal.csv --generate blocks:4x2x0.5
has err "rows are either read or made"
run 2 "$OCELOT" plant --generate rings:3
has err "expected blocks:FEATURESxBLOCKxCORRELATION"
run 2 "$OCELOT" plant normal.csv --kind drift
has err 'found "drift", expected shift'
run 2 "$OCELOT" plant normal.csv --kind shift --features 3
has err "the kind shift changes at most 1"
run 2 "$OCELOT" plant normal.csv --count 401
has err "do not fit into a table of 400 rows"
run 2 "$OCELOT" plant normal.csv -o normal.csv
run 2 "$OCELOT" plant normal.csv -o new.csv --truth new.csv
has err "a file of its own"
printf 'id,a\n1,2\n3,4\n' >id.csv
run 2 "$OCELOT" plant id.csv
has err "a feature is called id"
printf 'a,b\n1,2\n1,2\n' >constant.csv
run 1 "$OCELOT" plant constant.csv --count 1
has err "every feature of the table is constant"
printf '"a;b",c\n1,2\n3,4\n' >semicolon.csv
run 2 "$OCELOT" plant semicolon.csv
has err "semicolon in its name"

# Rows with missing values are left out, and the exit status says so.
printf 'a,b\n1,2\n,3\n2,1\n3,3\n1,1\n' >holes.csv
run 3 "$OCELOT" plant holes.csv --kind shift --count 1 -o no-holes.csv --truth no-holes-truth.csv
has err "1 of 5 rows left out for missing values"
[ "$(wc -l <no-holes.csv)" = 5 ] || fail "the rows that are left are not four"

# None planted where some were asked for: refused, or said.
run 2 "$OCELOT" plant --generate blocks:4x2x.5 --rows 20 --length 21 -o planted.csv
has err "anomalies of 21 rows do not fit into a table of 20 rows"
run 0 "$OCELOT" plant --generate blocks:4x2x.5 --rows 20 --length 19 --share 0.1 -o planted.csv
has err "a share of 0.1 of 20 rows is less than half of an anomaly of 19 rows: ask for --count or a larger --share"
