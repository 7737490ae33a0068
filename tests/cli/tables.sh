#!/usr/bin/env bash
# From a table to explanations: columns by name, labels, ids, rows that cannot be explained.
. "$(dirname "$0")/harness.sh"

train_table
has err "support vectors"
has err "threshold"
has err "svm-predict reads this file, but wants scaled rows"
head -n 1 table.model | grep -q "svm_type one_class" || fail "not a LIBSVM model file"
tail -n 1 table.model | grep -q "^#ocelot {" || fail "no card"

run 3 "$OCELOT" explain table.model today.csv --id id
lines out 44
[ "$(grep -c "ignored: weather" err)" -eq 1 ] || fail "the extra column is not named once"
has err "1 of 44 rows could not be explained"
cp out all.jsonl
check '
assert [r["row"] for r in rows] == list(range(44))
assert [r["id"] for r in rows[:3]] == ["t0", "t1", "t2"]
bad = rows[41]
assert bad["id"] == "no-x" and "x" in bad["error"] and "outlier_score" not in bad, bad
good = [r for r in rows if "error" not in r]
assert len(good) == 43
for r in good:
    assert r["method"] == "dtd" and r["explains"] == "outlier_score"
    R = [f["relevance"] for f in r["features"]]
    assert all(v >= 0 for v in R)
    assert R == sorted(R, reverse=True)
    assert close(sum(R), r["explained"], 1e-12)
    assert close(r["explained"] + r["residual"], r["outlier_score"], 1e-9)
    assert close(r["excess"], r["outlier_score"] - r["threshold"], 1e-12)
    for f in r["features"]:
        assert close(f["share"], f["relevance"] / r["outlier_score"], 1e-12)
        assert math.isfinite(f["expected"]) and math.isfinite(f["nearest"])
    assert r["is_outlier"] == (not r["decision_value"] > 0)
    assert 0 < r["p_value"] <= 1
    assert len(r["support"]) == 3 and r["support"][0]["weight"] >= r["support"][1]["weight"] > 0
by = {r["id"]: r for r in rows}
y, z, fine = by["odd-y"], by["odd-z"], by["fine"]
assert y["is_outlier"] and z["is_outlier"] and not fine["is_outlier"]
# In odd-z only z is odd, and it is 28 standard deviations away.
assert z["features"][0]["name"] == "z" and z["features"][0]["value"] == 9
assert abs(z["features"][0]["expected"] + 5) < 1.5, z
' all.jsonl

# The order of columns and the labelled table give the same numbers as the plain one.
awk -F, -v OFS=, '{ print $5, $4, $2, $3 }' today.csv >ordered.csv
# Error records name the file that they come from.
named() { # FILE
    sed "s/$1:/today.csv:/" out >renamed
    same renamed all.jsonl
}
run 3 "$OCELOT" explain table.model ordered.csv --id id
named ordered.csv
tr , ';' <today.csv >semicolons.csv
run 3 "$OCELOT" explain table.model semicolons.csv --id id
named semicolons.csv
gzip -c today.csv >today.csv.gz
run 3 "$OCELOT" explain --id id table.model today.csv.gz
named today.csv.gz

# Score says what explain says.
run 3 "$OCELOT" score table.model today.csv --id id -q
check '
for a, b in zip(rows, load("all.jsonl")):
    for key in ("outlier_score", "threshold", "is_outlier", "decision_value", "p_value", "error"):
        assert a.get(key) == b.get(key), (key, a, b)
    assert "features" not in a or not a["features"]
' out

# --top and --only-outliers choose; they change nothing else.
run 3 "$OCELOT" explain table.model today.csv --id id --top 1 --only-outliers -q
check '
whole = {r["row"]: r for r in load("all.jsonl")}
assert [r["row"] for r in rows] == [k for k, r in whole.items() if "error" in r or r["is_outlier"]]
for r in rows:
    if "error" not in r:
        assert r["features"] == whole[r["row"]]["features"][:1]
' out

# p-values: alpha decides in place of the model.
run 3 "$OCELOT" score table.model today.csv --alpha 0.5 -q
check '
for r in rows:
    if "error" not in r:
        assert r["is_outlier"] == (r["p_value"] <= 0.5), r
' out
run 3 "$OCELOT" score table.model today.csv --alpha 1e-6
has err "smallest p-value"

# A missing column is an error that names it; so is a text column, with what to do.
cut -d, -f1-4 today.csv >short.csv
run 1 "$OCELOT" explain table.model short.csv
has err "short.csv"
has err "x"
run 1 "$OCELOT" train table.csv -o bad.model
has err "table.csv"
has err "--drop"
[ ! -e bad.model ] || fail "a model was written"

# Rows with missing values are skipped and counted, and stop training above half.
awk -F, 'NR % 4 == 2 { sub(/,[^,]*$/, ",", $0) } { print }' <(cut -d, -f2-4 table.csv) >holes.csv
run 0 "$OCELOT" train holes.csv -o holes.model
has err "105 of 420 rows skipped"
awk -F, 'NR > 1 && NR % 4 != 2 { sub(/,[^,]*$/, ",", $0) } { print }' <(cut -d, -f2-4 table.csv) >most.csv
run 1 "$OCELOT" train most.csv -o most.model
has err "more than half"
[ ! -e most.model ] || fail "a model was written"
run 1 "$OCELOT" train table.csv --id id --label state --normal splendid -o bad.model
has err "splendid"

# --drop, --columns, no header.
run 0 "$OCELOT" train table.csv --drop id,state -q -o dropped.model
run 0 "$OCELOT" train table.csv --columns x,y,z -q -o columns.model
same dropped.model columns.model
[ ! -s err ] || fail "--quiet is not quiet"
cut -d, -f2-4 table.csv | tail -n +2 >plain.csv
run 0 "$OCELOT" train - -q -o plain.model <plain.csv
run 0 "$OCELOT" score plain.model plain.csv
cp out plain.scores
run 0 "$OCELOT" score dropped.model table.csv -q
same out plain.scores
# The model's own names mean its own order; other names are taken in the order given. What the model needs cannot be dropped.
run 0 "$OCELOT" score dropped.model table.csv --columns z,x,y -q
same out plain.scores
sed '1s/x,y,z/p,q,r/' table.csv >renamed.csv
run 0 "$OCELOT" score dropped.model renamed.csv --columns p,q,r -q
same out plain.scores
run 2 "$OCELOT" score dropped.model table.csv --drop y
has err "column 'y' is dropped, but it is a feature of the model"
run 1 "$OCELOT" score plain.model today.csv
run 1 "$OCELOT" score plain.model <(cut -d, -f1,2 plain.csv)
has err "expected the model's 3"

# Training is deterministic in its seed.
run 0 "$OCELOT" train plain.csv -q -o again.model
same again.model plain.model
run 0 "$OCELOT" train plain.csv -q --seed 99 -o other.model
! cmp -s other.model plain.model || fail "the seed changes nothing"

# Too few held-out rows for nu are named, with what it needs; just enough are not.
head -n 45 plain.csv >few.csv
run 0 "$OCELOT" train few.csv -o few.model
lacks err "held-out rows are too few"
head -n 44 plain.csv >few.csv
run 0 "$OCELOT" train few.csv -o few.model
has err "8 held-out rows are too few for nu 0.1, which needs 9: the threshold is as the SVM solved it, and the smallest p-value is 1/9"
run 0 "$OCELOT" train few.csv --threshold svm -o few.model
has err "which needs 9: the smallest p-value is 1/9"
run 0 "$OCELOT" train few.csv --nu 0.2 -o few.model
lacks err "too few"
run 0 "$OCELOT" train few.csv --holdout 0 -o few.model
has err "no row was held out: the threshold is as the SVM solved it, and there are no p-values"

# Files that are not there.
run 1 "$OCELOT" explain nowhere.model today.csv
has err "nowhere.model"
run 1 "$OCELOT" explain table.model nowhere.csv
has err "nowhere.csv"
run 1 "$OCELOT" explain table.model today.csv -o no/such/place
has err "no/such/place"
run 2 "$OCELOT" explain table.model today.csv --method nonsense
has err "nonsense"
