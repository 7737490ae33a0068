#!/usr/bin/env bash
# Broken files: never a crash, always a message with file and line.
. "$(dirname "$0")/harness.sh"

train_table -q
run 0 "$OCELOT" train <(cut -d, -f2-4 table.csv) -q -o plain.model

# Model files. Cut after any number of bytes: an error with the file's name, except where a whole LIBSVM file is left.
size=$(wc -c <plain.model)
card=$(grep -n '^#ocelot' plain.model | cut -d: -f1)
whole=$(head -n $((card - 1)) plain.model | wc -c)
for bytes in 0 1 10 40 100 $((whole / 2)) $((whole - 1)) $((whole + 1)) $((size / 2 + whole / 2)) $((size - 1)); do
    head -c "$bytes" plain.model >cut.model
    run 1 "$OCELOT" inspect cut.model
    has err "cut.model:"
done
head -c "$whole" plain.model >cut.model
run 0 "$OCELOT" inspect cut.model
has out "no card"

change() { # SED-SCRIPT, expected line
    sed "$1" plain.model >changed.model
    ! cmp -s changed.model plain.model || fail "nothing was changed by $1"
    run 1 "$OCELOT" explain changed.model today.csv
    has err "changed.model:$2"
}
change '1s/one_class/none_class/' 1:
change '2s/rbf/rbx/' 2:
change '3s/.*/gamma nan/' ''
change 's/^total_sv.*/total_sv 99999999999/' ''
change 's/^rho.*/rho zero/' ''
change 's/^SV$/VS/' ''
change '9s/1:/one:/' ''
change '$s/crc/cbc/' "$card:"

# Data: the broken row is a record with file and line, the others go on.
printf 'x,y,z\n10,30,-5\n10,30\n10,30,-5,7\n10,abc,-5\n10,inf,-5\n10,30,-5\n' >ragged.csv
run 3 "$OCELOT" explain table.model ragged.csv
has err "4 of 6 rows could not be explained"
check '
assert [("error" in r) for r in rows] == [False, True, True, True, True, False], rows
assert "ragged.csv:3:" in rows[1]["error"] and "ragged.csv:4:" in rows[2]["error"] and "ragged.csv:5:" in rows[3]["error"]
assert "y" in rows[4]["error"]
' out
printf '1 1:10 2:30 3:-5\n1 1:x\n1 3:1 2:1\n1 1:1 1:2\nlabel 1:1\n1 1:10 2:30 3:-5\n' >broken.libsvm
cut -d, -f2-4 table.csv | tail -n +2 >plain.csv
run 0 "$OCELOT" train plain.csv -q -o unnamed.model
run 3 "$OCELOT" explain unnamed.model broken.libsvm
check '
assert [("error" in r) for r in rows] == [False, True, True, True, True, False], rows
for k in range(1, 5):
    assert "broken.libsvm:%d:" % (k + 1) in rows[k]["error"], rows[k]
' out
: >empty.csv
run 1 "$OCELOT" train empty.csv -o empty.model
has err "empty.csv"
head -c 50 /dev/zero >zeros.npy
run 1 "$OCELOT" explain table.model zeros.npy
has err "zeros.npy"
printf '\x93NUMPY\x01\x00\xff\xff{' >short.npy
run 1 "$OCELOT" explain table.model short.npy
has err "short.npy"
printf '\x1f\x8b\x08\x00garbage' >bad.csv.gz
run 1 "$OCELOT" explain table.model bad.csv.gz
has err "bad.csv.gz"
run 1 "$OCELOT" explain table.model .
run 1 "$OCELOT" inspect .

# No output replaces what it is made from, not even through a link.
cp plain.csv kept.csv
cp table.model kept.model
ln -s kept.csv link.csv
for output in kept.csv kept.model link.csv; do
    for command in score explain report; do
        run 2 "$OCELOT" $command kept.model kept.csv -o $output
        has err "$output: the output would replace what is read"
    done
done
run 2 "$OCELOT" train kept.csv -o kept.csv
run 2 "$SVM_EXPLAIN" kept.csv kept.model kept.model
same kept.csv plain.csv
same kept.model table.model

# Numbers that are finite, but whose distance is not; and a threshold of nothing is 0, not -0.
printf 'svm_type one_class\nkernel_type rbf\ngamma 1\nnr_class 2\ntotal_sv 1\nrho 0.5\nSV\n0.5 1:1 2:2\n' >point.model
printf '1,2\n1e200,2\n' >far.csv
run 3 "$OCELOT" explain point.model far.csv -q
has out '"threshold":0,'
has out '{"row":1,"error":"the row lies so far from the model that its score overflows"}'

# Values whose squares vanish are constant: a model of them can be read again.
printf 'a,b\n1e-310,2e-310\n3e-310,1e-310\n2e-310,0\n-1e-310,1e-311\n' >tiny.csv
run 0 "$OCELOT" train tiny.csv -q -o tiny.model
run 0 "$OCELOT" explain tiny.model tiny.csv -q

# Range files.
run 0 "$OCELOT" train plain.csv -q -o scaled.model --save-range good.range
sed '3s/.*/1 a b/' good.range >bad.range
run 1 "$OCELOT" explain unnamed.model plain.csv --range bad.range
has err "bad.range:3:"
