#!/usr/bin/env bash
# Kernels that LIBSVM does not have, through its precomputed ones; model files rewritten without loss.
. "$(dirname "$0")/harness.sh"

make_tables
cut -d, -f2-4 table.csv | tail -n +2 | head -n 400 >plain.csv
for kernel in laplace student generalised-gaussian rbf linear polynomial sigmoid; do
    run 0 "$OCELOT" train plain.csv --kernel $kernel -q -o $kernel.model
    run 0 "$OCELOT" score $kernel.model plain.csv -q
    cp out scores.jsonl

    # Rewriting changes nothing, again and again.
    run 0 "$OCELOT" convert $kernel.model once.model
    run 0 "$OCELOT" convert once.model twice.model
    same once.model twice.model
    run 0 "$OCELOT" score once.model plain.csv -q
    same out scores.jsonl

    run 0 "$OCELOT" explain $kernel.model plain.csv --top 1 -q
    check '
for r, s in zip(rows, load("scores.jsonl")):
    assert r["outlier_score"] == s["outlier_score"]
    assert r["method"] in ("dtd", "taylor")
' out
done

# Rules go to the layers that they name, and a name that no layer has is a mistake.
run 0 "$OCELOT" explain linear.model plain.csv --method lrp --set 'rule=Dense*=gamma:0.25' -q
cp out gamma.jsonl
run 0 "$OCELOT" explain linear.model plain.csv --method lrp -q
! cmp -s out gamma.jsonl || fail "the rule changes nothing"
run 2 "$OCELOT" explain linear.model plain.csv --method lrp --set 'rule=Dance=gamma:0.25' -q
has err "rule: 'Dance=gamma:0.25' is for no layer of this model"

# svm-predict reads the rows that convert writes, and decides as we do.
for kernel in laplace student generalised-gaussian; do
    grep -q "kernel_type precomputed" $kernel.model || fail "$kernel is not precomputed"
    run 0 "$OCELOT" convert --kernel-rows $kernel.model plain.csv rows.txt
    lines rows.txt 400
    svm-predict rows.txt $kernel.model labels >predicted || fail "svm-predict does not read $kernel"
    run 0 "$OCELOT" score $kernel.model plain.csv -q
    check '
labels = [float(v) for v in open("labels")]
assert len(labels) == len(rows) == 400 and -1 in labels and 1 in labels
scale = max(abs(r["decision_value"]) for r in rows)
# Support vectors on the boundary have decision value 0 up to the solver, so rounding decides their label: 1e-9 of the scale is left out.
sure = [(r, l) for r, l in zip(rows, labels) if abs(r["decision_value"]) > 1e-9 * scale]
assert len(sure) > 300
for r, label in sure:
    assert r["is_outlier"] == (label < 0), (r, label)
' out
    run 0 "$OCELOT" convert --kernel-rows $kernel.model plain.csv -
    same out rows.txt
done
run 1 "$OCELOT" convert --kernel-rows laplace.model nowhere.csv rows2.txt
[ ! -e rows2.txt ] || fail "a file was written"

# A foreign precomputed model: the training rows come by option.
"$PYTHON" - <<'PY'
import math
rows = [[float(v) for v in line.split(",")] for line in open("plain.csv")][:80]
rows = [[r[0] / 2, r[1] / 6, r[2] * 2] for r in rows]
with open("small.csv", "w") as f:
    f.writelines(",".join(repr(v) for v in r) + "\n" for r in rows)
with open("kernel.txt", "w") as f:
    for i, a in enumerate(rows):
        values = (math.exp(-0.5 * math.dist(a, b)) for b in rows)
        f.write(f"1 0:{i + 1} " + " ".join(f"{j + 1}:{v!r}" for j, v in enumerate(values)) + "\n")
PY
svm-train -s 2 -t 4 -n 0.2 -q kernel.txt foreign.model
svm-predict kernel.txt foreign.model labels >predicted
run 1 "$OCELOT" explain foreign.model small.csv
has err "support-rows"
run 2 "$OCELOT" explain foreign.model small.csv --support-rows small.csv
has err "--kernel"
run 2 "$OCELOT" explain foreign.model small.csv --kernel laplace
has err "--support-rows"
run 2 "$OCELOT" explain rbf.model small.csv --support-rows small.csv --kernel laplace
has err "rbf.model: found a model that holds its support vectors"
run 1 "$OCELOT" train plain.csv --nu 1 -o everything.model
has err "nu is too near 1"
run 0 "$OCELOT" explain foreign.model small.csv --support-rows small.csv --kernel laplace --gamma 0.5
check '
labels = [float(v) for v in open("labels")]
sure = [(r, l) for r, l in zip(rows, labels) if abs(r["decision_value"]) > 1e-9]
assert len(sure) > 50 and len(rows) == 80
for r, label in sure:
    assert r["is_outlier"] == (label < 0)
' out
