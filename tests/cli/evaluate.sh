#!/usr/bin/env bash
# ocelot evaluate: figures that are known, controls that always stand beside, the same bytes for the same seed, pages, truth, and refusals.
. "$(dirname "$0")/harness.sh"
train_table -q
data=(today.csv --id id)

# What dtd promises holds, and the table says of itself what it is about.
run 3 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd,dtd-conserving,gradient --rows 8 -f text
has out "Explanations of the 8 strangest of 44 rows read; features are replaced by: expected"
has err "1 of 44 rows were left out"
for word in conserv. negative contin. select. reversed destroyed "x scoring" "at a glance" deviation random; do
    has out "$word"
done
run 3 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd,dtd-conserving,gradient --rows 8 -q
check '
r = rows[0]
assert r["rows"] == 8 and r["pick"] == "strangest" and r["read"] == 44
m = {x["name"]: x for x in r["methods"]}
assert list(m) == ["dtd", "dtd-conserving", "gradient", "deviation", "random"], list(m)
assert close(m["dtd-conserving"]["conservation"]["mean"], 0, 1e-9)
assert close(m["dtd"]["conservation_counted"]["mean"], 0, 1e-9)
assert m["dtd"]["positivity"]["mean"] == 0
assert m["dtd"]["selectivity"]["mean"] < m["dtd"]["selectivity_random"]["mean"] < m["dtd"]["selectivity_reversed"]["mean"]
assert m["dtd"]["selectivity_random"] == m["gradient"]["selectivity_random"]
assert m["dtd"]["forward"] == 1 and m["dtd"]["backward"] == 1
for x in m.values():
    assert len(x["curve"]) == 4 and x["curve"][0] == m["dtd"]["curve"][0]
    c = x["conservation"]
    assert c["low"] <= c["mean"] <= c["high"]
assert m["dtd"]["ticks"] == {"conservation": m["dtd"]["ticks"]["conservation"], "positivity": "yes", "continuity": "yes", "selectivity": "yes"}
assert m["random"]["ticks"]["continuity"] == "no"
assert set(r["seconds_a_row"]) == {"score"} | set(m)
' out

# Same seed, same bytes, whatever the threads; another seed draws other orders.
for threads in 1 3; do
    run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 6 --no-times -q -j "$threads"
    mv out threads-$threads
done
same threads-1 threads-3
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 6 --no-times -q --seed 2
! cmp -s out threads-1 || fail "another seed gave the same bytes"
# All methods that there are, those that do not apply with a sentence.
"$OCELOT" methods | grep -c '^  [a-z-]*$' >/dev/null
check '
r = rows[0]
assert len(r["refused"]) > 3
for x in r["refused"]:
    assert len(x["why"]) > 20, x
names = [x["name"] for x in r["methods"]]
assert {"dtd", "shapley", "lime", "occlusion", "nearest-neighbour", "random", "deviation"} <= set(names), names
assert "seconds_a_row" not in r
' threads-1

# Settings for one method, variants of one, replacements, groups.
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --methods smooth-grad,smooth-grad:samples=3 --set smooth-grad.samples=5
check '
m = {x["name"]: x for x in rows[0]["methods"]}
assert m["smooth-grad"]["backward"] == 5 and m["smooth-grad:samples=3"]["backward"] == 3, [(k, v["backward"]) for k, v in m.items()]
' out
for with in expected mean nearest neighbour zero; do
    run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --methods dtd --replace $with
    check 'assert rows[0]["replace"] == "'$with'"' out
done
printf 'place,x\nplace,y\n' >groups.csv
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --methods dtd --groups groups.csv
check 'assert rows[0]["blocks"] == 2 and len(rows[0]["methods"][0]["curve"]) == 3' out

# The truth: odd-y and odd-z are known.
printf 'row,features\n40,y\n42,z\n' >truth.csv
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --methods dtd --truth truth.csv
check '
t = rows[0]["truth"]
assert t["incidents"] == 2 and t["rows"] == 2
m = {x["name"]: x for x in t["methods"]}
assert list(m) == ["dtd", "deviation", "random"]
names = ["x", "y", "z"]
assert [(i["start"], i["end"], [names[f] for f in i["features"]]) for i in t["list"]] == [(40, 41, ["y"]), (42, 43, ["z"])]
for method in t["methods"]:
    for way in ("point", "max", "weighted"):
        for metric, figure in method[way].items():
            assert len(figure["values"]) == 2 and figure["incidents"] == 2
            assert close(sum(figure["values"]) / 2, figure["mean"], 1e-12), (way, metric, figure)
assert m["dtd"]["point"]["roc_auc"]["mean"] == 1 and m["dtd"]["max"]["hit_rate_100"]["mean"] == 1
' out
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --methods dtd --truth truth.csv -f text
has out "By the truth: 2 incidents, 2 rows"
printf 'start,end,features\n40,43,y;x\n' >incidents.csv
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --methods dtd --truth incidents.csv -f text --aggregate mean
has out "under every aggregation"
printf 'row,features\n4000,y\n' >none.csv
run 1 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd --truth none.csv
has err "none of its rows is in the data"
run 2 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd --truth truth.csv --aggregate middle
has err "no aggregation is called middle"

# The page is one sound file, for tables and for pictures.
page() {
    "$PYTHON" - "$1" <<'PY' || fail "$1 is no sound page"
import re, sys
import xml.etree.ElementTree as tree
text = open(sys.argv[1], encoding="utf-8").read()
root = tree.fromstring(text.replace("<!DOCTYPE html>", ""))
ids = [e.get("id") for e in root.iter() if e.get("id")]
assert len(ids) == len(set(ids)) and {"ticks", "curves", "paths", "pictures", "figures", "cost"} <= set(ids), ids
for e in root.iter():
    for name, value in e.attrib.items():
        if name in ("x", "y", "x1", "x2", "y1", "y2", "width", "height"):
            assert re.fullmatch(r"-?\d+(\.\d+)?%?", value), (e.tag, name, value)
        if name == "d":
            assert re.fullmatch(r"[ML0-9. -]+", value), value[:60]
    if e.tag == "img":
        assert e.get("alt") and e.get("src").startswith("data:image/png;base64,")
words = "".join(root.itertext())
assert "nan" not in words.lower().replace("ocelot", ""), "NaN in the page"
PY
}
run 3 "$OCELOT" evaluate table.model "${data[@]}" --rows 4 -q --truth incidents.csv --report table.html
page table.html
has table.html 'By the truth'
run 0 "$OCELOT" train "$OCELOT_DATA/digits-zero-train.npy" -q -o digits.model
run 0 "$OCELOT" evaluate digits.model "$OCELOT_DATA/digits-zero-test.npy" --rows 3 -q --methods dtd,gradient --report digits.html -o digits.json
page digits.html
check '
assert rows[0]["blocks"] == 64
assert len(rows[0]["methods"][0]["curve"]) == 65
' digits.json

# Networks: the first rows, replaced by zero; methods that need data say so.
run 0 "$OCELOT" evaluate "$OCELOT_DATA/models/fashion.onnx" "$OCELOT_DATA"/garments-*.png --preprocess unit --box auto --rows 2 -q --disturbed 1 \
    --methods dtd,lrp:composite=epsilon,nearest-neighbour
check '
r = rows[0]
assert r["replace"] == "zero" and r["pick"] == "first" and r["blocks"] == 49
m = {x["name"]: x for x in r["methods"]}
assert m["dtd"]["positivity"]["mean"] == 0 and m["lrp:composite=epsilon"]["positivity"]["mean"] > 0.1
assert {x["name"] for x in r["refused"]} == {"nearest-neighbour", "deviation"}
' out

# What cannot be: sentences, and nothing written.
run 2 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd,smooth-grad --set sample=3
has err "--set sample=3: none of the methods has such a setting"
run 3 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd,smooth-grad --set samples=3 --set shapley.samples=3 -q --rows 2
run 2 "$OCELOT" evaluate table.model "${data[@]}" --methods dtd,no-such-method -o left.json
has err "no method is called no-such-method"
[ ! -e left.json ] || fail "a file was left"
run 1 "$OCELOT" evaluate table.model "${data[@]}" --methods guided-backprop,cam -q
has err "none of the methods applies to this model; guided-backprop"
run 2 "$OCELOT" evaluate "$OCELOT_DATA/models/fashion.onnx" "$OCELOT_DATA/garments-bag.png" --pick strangest
has err "needs outlier scores"
run 0 "$OCELOT" evaluate --product-structure table.model "${data[@]}" -q
has out "Product structure"

# A truth that goes on behind the data is said, because it may be another table's.
printf 'row,features\n0,x\n1000,y\n' >long.csv
run 3 "$OCELOT" evaluate table.model "${data[@]}" --truth long.csv --methods dtd --rows 2
has err "long.csv: 1 of 2 incidents end behind the last row of the data"
