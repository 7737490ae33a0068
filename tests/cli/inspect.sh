#!/usr/bin/env bash
# What a model is: inspect and methods.
. "$(dirname "$0")/harness.sh"

train_table -q
run 0 "$OCELOT" inspect table.model
for words in Network Distance SoftMin Kernel rbf threshold "Features (3" "x " calibration "default method     dtd"; do
    has out "$words"
done
run 0 "$OCELOT" inspect table.model --json
check '
m = rows[0]
assert len(rows) == 1
assert m["type"] == "one_class" and m["kernel"] == "rbf" and m["has_card"] is True and m["method"] == "dtd"
assert [f["name"] for f in m["features"]] == ["x", "y", "z"]
for f in m["features"]:
    assert f["low"] < f["median"] < f["high"]
assert len(m["calibration"]) > 0 and m["calibration"] == sorted(m["calibration"])
assert [l["op"] for l in m["layers"]][0] == "Input" and [l["op"] for l in m["layers"]][-1] == "SoftMin"
assert close(m["threshold"], -math.log(m["rho"] / m["coefficient_sum"]), 1e-12)
' out
run 0 "$OCELOT" inspect table.model --dot
has out "digraph"
has out "->"
if command -v dot >dot.path; then
    dot -Tsvg out >network.svg || fail "dot does not read the graph"
fi

# Many features: twenty are shown, --all shows them.
"$PYTHON" -c '
import random
random.seed(5)
print(",".join(f"c{i}" for i in range(30)))
for k in range(60):
    print(",".join(repr(random.gauss(0, 1)) for i in range(30)))' >wide.csv
run 0 "$OCELOT" train wide.csv -q -o wide.model
run 0 "$OCELOT" inspect wide.model
has out "10 more; --all"
lacks out " c29 "
run 0 "$OCELOT" inspect wide.model --all
has out " c29 "

# A foreign model without a card says so.
run 0 "$OCELOT" inspect "$OCELOT_DATA/models/glass-oneclass.model"
has out "no card"
run 0 "$OCELOT" inspect "$OCELOT_DATA/models/glass-oneclass.model" --range "$OCELOT_DATA/models/glass-oneclass.range"
has out "scaling range file"
run 0 "$OCELOT" inspect "$OCELOT_DATA/models/wdbc-csvc.model"
has out "c_svc"

run 0 "$OCELOT" methods
for name in dtd dtd-conserving taylor epsilon zplus deep-taylor epsilon-plus; do
    has out "$name"
done
run 0 "$OCELOT" methods dtd
has out "dtd"
lacks out "Composites"

# Every method that is listed either explains a one-class model or says why not.
"$OCELOT" methods | sed -n '/^Methods/,/^$/s/^  \([a-z]\)/\1/p' >names
[ -s names ] || fail "no methods"
while read -r name; do
    got=0
    "$OCELOT" explain table.model table.csv --id id --label state -q --method "$name" --top 1 >out 2>err || got=$?
    [ "$got" -eq 0 ] || { [ "$got" -eq 1 ] && [ -s err ]; } || fail "$name: exit status $got"
done <names

# evaluate --product-structure: on a model of our own, c_j of the distance layer varies less than its activations do.
run 0 "$OCELOT" evaluate --product-structure --json --noise 0.01 --id id --label label "$OCELOT_DATA/models/glass.model" "$OCELOT_DATA/glass-test.csv"
check '
(page,) = rows
layers = {l["op"]: l for l in page["product_structure"]}
assert page["rows"] == 20
assert layers["Distance"]["neurons"] > 1 and 0 < layers["Distance"]["variation"] < 1
assert layers["SoftMin"]["variation"] < 1e-12   # R = o, so c is 1
' out
cp out first
run 0 "$OCELOT" evaluate --product-structure --json --noise 0.01 --id id --label label "$OCELOT_DATA/models/glass.model" "$OCELOT_DATA/glass-test.csv"
same out first
