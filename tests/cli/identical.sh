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
