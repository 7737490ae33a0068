#!/usr/bin/env bash
# Groups of features, and standard errors: the same sums in every format, whoever explains.
. "$(dirname "$0")/harness.sh"
train_table
printf 'group,feature\n# what moves together\npair,x\npair,y\n' >groups.csv
data="--id id today.csv"

# Sums of what the features have; who stands alone is told as without groups.
# shellcheck disable=SC2086
for method in dtd gradient smooth-grad; do
    run 3 "$OCELOT" explain table.model $data --method $method -q -o features.jsonl
    run 3 "$OCELOT" explain table.model $data --method $method -q --groups groups.csv -o groups.jsonl
    check '
groups = load(files[1])
assert len(rows) == len(groups) == 44
for a, b in zip(rows, groups):
    if "error" in a:
        assert a == b
        continue
    f, g = ({m["name"]: m for m in r.pop("features")} for r in (a, b))
    assert a == b and set(g) == {"pair", "z"} and g["z"].pop("members") == 1
    assert close(g["pair"]["relevance"], f["x"]["relevance"] + f["y"]["relevance"], 1e-12), (f, g)
    assert g["pair"]["members"] == 2 and g["pair"]["value"] is g["pair"]["expected"] is g["pair"]["nearest"] is None
    assert {k: v for k, v in f["z"].items() if k != "share"} == {k: v for k, v in g["z"].items() if k != "share"}
    whole = a["outlier_score"] if a["method"] == "dtd" else sum(abs(m["relevance"]) for m in g.values())
    assert all(close(m["share"] * whole, m["relevance"], 1e-12) for m in g.values())
    assert ("standard_error" in f["x"]) == (a["method"] == "smooth-grad")
    if "standard_error" in f["x"]:
        assert f["x"]["standard_error"] > 0 and close(g["pair"]["standard_error"], f["x"]["standard_error"] + f["y"]["standard_error"], 1e-12)
' features.jsonl groups.jsonl
done

# A group is one player: with two players the Shapley value of the pair is the mean of its two marginal gains, and all adds up.
run 3 "$OCELOT" explain table.model --id id today.csv -q --method shapley --groups groups.csv -o player.jsonl
run 3 "$OCELOT" explain table.model --id id today.csv -q --method shapley --groups groups.csv --threads 1 -o one.jsonl
same player.jsonl one.jsonl
check '
for r in rows:
    if "error" not in r:
        assert close(sum(m["relevance"] for m in r["features"]) + r["residual"], r["outlier_score"], 1e-9)
assert rows[40]["features"][0]["name"] == "pair" and rows[42]["features"][0]["name"] == "z"
' player.jsonl

# Columns, arrays and text.
run 3 "$OCELOT" explain table.model --id id today.csv -q --method smooth-grad --groups groups.csv -f csv
has out 'relevance:pair,relevance:z,standard_error:pair,standard_error:z,error'
run 3 "$OCELOT" explain table.model --id id today.csv -q --groups groups.csv -o groups.npy
run 3 env LC_ALL=C "$OCELOT" explain table.model --id id today.csv -q --groups groups.csv --method smooth-grad --only-outliers -f text
has out '  group '
has out 'of 2'
has out '+-'
"$PYTHON" - <<'PY' || fail "the columns, or their array"
import csv
with open("out", encoding="utf-8") as f:
    assert all(len(line.split()) for line in f if line.startswith("  pair"))
with open("groups.npy", "rb") as f:
    assert b"(44, 2)" in f.read(128)
PY
run 3 "$OCELOT" report table.model --id id today.csv -q --groups groups.csv --method smooth-grad -o page.html
has page.html '2 features together'
has page.html 'Which groups matter overall'
grep -q '± [0-9]' page.html || fail 'the page has no standard errors'

# The other texts.
run 3 "$OCELOT" explain table.model --id id today.csv -q --groups blocks:2 -f csv
has out 'relevance:x..y,relevance:z,'
printf 'hot.a,hot.b,cold,hot.c\n' >wide.csv
for k in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "$k,$((k * k % 7)),$((k % 3)),$((k % 5))"; done >>wide.csv
run 0 "$OCELOT" train wide.csv -o wide.model
run 0 "$OCELOT" explain wide.model wide.csv --groups prefix:. -f csv
has out 'relevance:hot,relevance:cold,'

# Squares of a picture are groups, too, and its heat map shows them.
network=$OCELOT_DATA/models/fashion.onnx
cp "$OCELOT_DATA"/garments-*.png .
run 0 "$OCELOT" explain "$network" garments-*.png --preprocess unit --groups patches:7 -q -o squares.npy
"$PYTHON" - <<'PY' || fail "the array of squares"
import re
with open("squares.npy", "rb") as f:
    shape = re.search(rb"\((\d+), (\d+)\)", f.read(128))
assert shape and shape.group(2) == b"16", shape
PY
run 0 "$OCELOT" explain "$network" garments-*.png --preprocess unit --groups patches:7 -q -f png -o heat
[ "$(find heat -name '*_heat.png' | wc -l)" -ge 1 ] || fail "no heat map"

# What cannot be.
printf 'pair,x\npair,speed\n' >bad.csv
run 1 "$OCELOT" explain table.model today.csv --groups bad.csv
has err 'bad.csv:2: the model has no feature called speed'
run 2 "$OCELOT" explain table.model today.csv --groups prefix:_
has err 'no two features come together'
run 1 "$OCELOT" explain "$network" garments-*.png --preprocess unit --groups superpixels:20
has err 'differ from picture to picture'
run 2 "$OCELOT" explain table.model today.csv --groups groups.csv -o groups.csv
has err 'groups.csv'
echo "groups: sums, errors, columns, players and squares"

# A game of so many players that it would not end is refused, with what would; groups of them may play.
printf 'svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 0.1\nSV\n1 1:1 60000:1\n1 2:1\n' >wide.model
printf '1 1:1 7:2\n' >wide.libsvm
run 2 "$OCELOT" explain wide.model wide.libsvm --method shapley --set reference=zero -f jsonl
has err "shapley: 60000 players and 1 reference row take 3.84e+06 evaluations of 60000 features for a single row: let groups of features play (--groups)"
"$PYTHON" -c '
with open("wide.csv", "w") as f:
    for k in range(60000):
        f.write(f"g{k % 3},f{k + 1}\n")'
run 0 "$OCELOT" explain wide.model wide.libsvm --method shapley --set reference=zero --groups wide.csv -f jsonl
