#!/usr/bin/env bash
# Rows of normal data: read as DATA is, drawn by a seed, and what becomes of them.
. "$(dirname "$0")/harness.sh"
train_table
explain() {
    local out=$1
    shift
    run 3 "$OCELOT" explain table.model --id id today.csv -q --method integrated-gradients -o "$out" "$@"
}
# The method explains f(x) - f(mean of the background): the constant is the residual, the same in every row.
explain default.jsonl
explain all.jsonl --background table.csv --background-label state=ok --background-rows 0
check '
rest = [r["residual"] for r in rows if "error" not in r]
assert len(rest) > 40 and max(rest) - min(rest) < 1e-3 * max(map(abs, rest)) + 1e-3, (min(rest), max(rest))
' all.jsonl

# Columns are matched by name, and rows that cannot be used are left out: the same answers.
"$PYTHON" - <<'PY'
import csv
with open("table.csv") as f, open("other.csv", "w") as g:
    g.write("y,more,x,z\n,1,2,3\n")
    for r in csv.DictReader(f):
        if r["state"] == "ok":
            g.write(f"{r['y']},7,{r['x']},{r['z']}\n")
PY
explain other.jsonl --background other.csv --background-rows 0
run 3 "$OCELOT" explain table.model --id id today.csv --method integrated-gradients --background other.csv -f csv
has err "--background: 1 of 401 rows of other.csv cannot be used; the first: row 0: other.csv:2: column 'y' is empty"
"$PYTHON" - <<'PY' || fail "background by name differs"
import json
a, b = ([json.loads(line) for line in open(name)] for name in ("all.jsonl", "other.jsonl"))
for r in a + b:
    r.pop("label", None)
assert a == b
PY

# A draw is the seed's: the same twice, and another with another seed; as many as asked for.
explain draw1.jsonl --background other.csv --background-rows 10
explain draw2.jsonl --background other.csv --background-rows 10 --threads 1
explain draw3.jsonl --background other.csv --background-rows 10 --background-seed 2
same draw1.jsonl draw2.jsonl
! cmp -s draw1.jsonl draw3.jsonl || fail "another seed drew the same rows"
! cmp -s draw1.jsonl other.jsonl || fail "ten rows are as good as all"
explain more.jsonl --background other.csv --background-rows 100000
same more.jsonl other.jsonl
run 3 "$OCELOT" report table.model --id id today.csv -q --method integrated-gradients --background other.csv -o page.html

# LIBSVM data: by index, absent = 0; an index that neither model nor data have is refused.
model=$OCELOT_DATA/models/glass-oneclass.model
rows=$OCELOT_DATA/models/glass-oneclass-test-scaled.libsvm
run 0 "$OCELOT" explain "$model" "$rows" -q --method integrated-gradients --background "$rows" -o sparse.jsonl
printf '1 1:0.5 40:1\n' >far.libsvm
run 1 "$OCELOT" explain "$model" "$rows" -q --method integrated-gradients --background far.libsvm
has err 'indices 1 to 40'

# What overflows at the background is no explanation: the row has an error, not empty fields.
printf 'x,y,z\n1e308,0,0\n-1e308,1e308,1\n1,1,1\n' >huge.csv
printf 'x,y,z\n1,2,3\n' >single.csv
for method in shapley lime integrated-gradients; do
    run 3 "$OCELOT" explain table.model single.csv -q --method $method --background huge.csv
    has out '"error":"the method'"'"'s relevance overflows'
done
run 1 "$OCELOT" explain table.model single.csv --method fitted-additive --background huge.csv
has err 'are too far apart'
run 3 "$OCELOT" report table.model single.csv -q --method shapley --background huge.csv -o huge.html
run 1 "$OCELOT" explain "$OCELOT_DATA/models/wdbc-csvc.model" "$OCELOT_DATA/models/wdbc-csvc-test-scaled.libsvm" --method lime
has err 'lime needs background rows: rows of normal data (--background FILE)'

# What cannot be.
run 2 "$OCELOT" explain table.model today.csv --background -
has err 'give a file'
run 1 "$OCELOT" explain table.model today.csv --background nothing.csv
has err 'nothing.csv'
printf 'x,y,z\n1,,2\n,1,2\n' >holes.csv
run 1 "$OCELOT" explain table.model today.csv --background holes.csv
has err 'no row of holes.csv can be used'
run 1 "$OCELOT" explain table.model today.csv --background table.csv --background-label state=fine
has err 'holds no rows with label state=fine'
run 2 "$OCELOT" explain table.model today.csv --background table.csv -o table.csv
has err 'table.csv'

# A network has no rows of its own: the sentence says what to give, and methods --for says it, too.
network=$OCELOT_DATA/models/fashion.onnx
cp "$OCELOT_DATA"/garments-*.png .
run 1 "$OCELOT" explain "$network" garments-*.png --preprocess unit --method nearest-neighbour
has err 'needs background rows'
run 0 "$OCELOT" explain "$network" garments-*.png --preprocess unit --method nearest-neighbour --background "$PWD" -q -o near.npy
run 0 "$OCELOT" methods --for "$network"
sed -n '/^Methods that do not/,$p' out >no
has no '  nearest-neighbour '
has no 'needs background rows'
! grep -q '^  lrp ' no || fail "lrp explains networks"
run 0 "$OCELOT" methods --for table.model excitation-backprop
has out 'Methods that do not:'
run 2 "$OCELOT" methods --for table.model nonsense
run 1 "$OCELOT" methods --for nothing.model
"$OCELOT" --version | grep -q 'GNU Scientific Library.*GPL' || fail "--version does not say what the licence of the program is"
echo "background: by name and index, drawn by a seed, refused in sentences"
