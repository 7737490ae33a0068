#!/usr/bin/env bash
# The number of threads and the size of batches change no byte of the output.
. "$(dirname "$0")/harness.sh"

train_table -q
"$PYTHON" -c '
import random
random.seed(3)
print("x,y,z")
for k in range(3000):
    print(f"{random.gauss(10, 4)},{random.gauss(30, 12)},{random.gauss(-5, 2)}" if k % 100 != 17 else "1,,3")' >many.csv
for format in jsonl csv npy libsvm text; do
    run 3 "$OCELOT" explain table.model many.csv -q --format $format --threads 1
    cp out one
    [ -s one ] || fail "no output"
    for settings in "--threads 2" "--threads 8" "--threads 8 --batch 1" "--threads 3 --batch 7" "--threads 1 --batch 1" "--threads 8 --batch 5000"; do
        # shellcheck disable=SC2086
        run 3 "$OCELOT" explain table.model many.csv -q --format $format $settings
        cmp out one >&2 || fail "$format differs with $settings"
    done
done
for method in dtd-conserving taylor; do
    run 3 "$OCELOT" explain table.model many.csv -q --method $method --threads 1
    cp out one
    run 3 "$OCELOT" explain table.model many.csv -q --method $method --threads 8 --batch 33
    same out one
done
run 3 "$OCELOT" score table.model many.csv -q --threads 1
cp out one
run 3 "$OCELOT" score table.model many.csv -q --threads 8 --batch 100
same out one
# From standard input, whose name stands in the error records.
run 3 "$OCELOT" score table.model - -q --threads 8 <many.csv
sed 's/(standard input):/many.csv:/' out >piped
same piped one
cat many.csv | run 3 "$OCELOT" score table.model - -q --threads 2
sed 's/(standard input):/many.csv:/' out >piped
same piped one
# Fewer pictures than threads: each is shared out.
for pictures in garments-bag.png "garments-bag.png garments-dress.png"; do
    for settings in "--threads 1" "--threads 2" "--threads 5"; do
        # shellcheck disable=SC2046,SC2086
        run 0 "$OCELOT" explain "$OCELOT_DATA/models/fashion.onnx" $(printf "$OCELOT_DATA/%s " $pictures) --preprocess unit --box auto -q --format csv \
            --precision float32 $settings
        [ "$settings" = "--threads 1" ] && cp out one
        same out one
    done
done
# LIBSVM rows, which go on by their entries, are explained as the same rows of a table, also where the model is sparse. Broken rows make nothing wider.
"$PYTHON" - <<'PY'
import random
random.seed(5)
with open("wide.model", "w") as model:
    model.write("svm_type one_class\nkernel_type rbf\ngamma 0.1\nnr_class 2\ntotal_sv 60\nrho 20\nSV\n")
    for j in range(60):
        model.write("1 " + " ".join(f"{i + 1}:{random.random()!r}" for i in range(300) if random.random() < 0.04 or i == 299) + "\n")
with open("wide.txt", "w") as entries, open("wide.csv", "w") as table:
    table.write("label," + ",".join(f"f{i + 1}" for i in range(300)) + "\n")
    for r in range(200):
        row = [random.gauss(0, 1) if random.random() < 0.05 else 0 for _ in range(300)]
        entries.write("1 " + " ".join(f"{i + 1}:{v!r}" for i, v in enumerate(row) if v or i % 100 == 7) + (" # 999:9\n" if r == 5 else "\n"))
        table.write("1," + ",".join(repr(v) for v in row) + "\n")
PY
for format in jsonl csv npy libsvm text; do
    for settings in "" "--top 3" "--only-outliers --top 5" "--method taylor --top 4"; do
        # shellcheck disable=SC2086
        run 0 "$OCELOT" explain wide.model wide.csv --label label -q --format $format $settings
        cp out table
        for threads in 1 3; do
            # shellcheck disable=SC2086
            run 0 "$OCELOT" explain wide.model wide.txt -q --format $format $settings --threads $threads
            same out table
        done
    done
done
run 0 "$OCELOT" score wide.model wide.csv --label label -q
cp out table
run 0 "$OCELOT" score wide.model wide.txt -q
same out table
{ head -n 20 wide.txt; echo "1 400:1 399:1"; } >broken.txt
run 3 "$OCELOT" explain wide.model broken.txt -q --format csv
head -n 1 out >broken.header
run 0 "$OCELOT" explain wide.model wide.txt -q --format csv
head -n 1 out >whole.header
same broken.header whole.header
