#!/usr/bin/env bash
# LIBSVM rows with features beyond the model's: what comes out never depends on when rows come, on batches or threads.
. "$(dirname "$0")/harness.sh"

"$PYTHON" - <<'PY'
import random
random.seed(5)
def entries(r, share):
    return {i: random.gauss(0, 1.2) for i in range(1, 9) if random.random() < share or i == 1 + r % 8}
with open("train.txt", "w") as f:
    for r in range(150):
        f.write("1 " + " ".join(f"{i}:{v!r}" for i, v in entries(r, 0.6).items()) + "\n")
with open("rows.txt", "w") as f, open("known.txt", "w") as known:
    for r in range(120):
        e = entries(r, 0.6)
        if r == 20:
            e[12] = 0
        if r == 30:
            e[10] = 0.5
        if r == 70:
            e[0], e[13] = 0.25, 2.5
        if r == 90:
            e[40] = -1.5
        line = "1 " + " ".join(f"{i}:{e[i]!r}" for i in sorted(e)) + "\n"
        f.write(line)
        known.write("1 1:x\n" if r in (30, 70, 90) else line.replace(" 12:0", ""))
PY
run 0 "$OCELOT" train train.txt -q -o m.model

slowly() {
    head -n 25 rows.txt
    sleep 0.1
    sed -n 26,75p rows.txt
    sleep 0.1
    tail -n +76 rows.txt
}
# pipes STATUS COMMAND OPTION...: the rows through a pipe, in batches of several sizes, and with pauses between; all must give `wanted`.
pipes() {
    local status=$1 got batch threads
    shift
    for threads in 1 3; do
        for batch in "" "--batch 1" "--batch 7" "--batch 1000"; do
            got=0
            # shellcheck disable=SC2086
            cat rows.txt | "$OCELOT" "$@" m.model - -q $batch --threads $threads >out 2>err || got=$?
            [ "$got" -eq "$status" ] || fail "exit status $got, expected $status: $* $batch, $threads threads"
            same out wanted
        done
        got=0
        slowly | "$OCELOT" "$@" m.model - -q --threads $threads >out 2>err || got=$?
        [ "$got" -eq "$status" ] || fail "exit status $got, expected $status: $*, slowly"
        same out wanted
    done
}

# Where nothing has a place for each feature, all rows are told, as those of a file.
for command in "score --format jsonl" "score --format csv" "explain --format jsonl" "explain --format jsonl --top 3" "explain --format text" \
    "explain --format libsvm" "explain --method smooth-grad --format jsonl" "explain --method taylor --format jsonl --only-outliers"; do
    # shellcheck disable=SC2086
    run 0 "$OCELOT" $command m.model rows.txt -q
    cp out wanted
    # shellcheck disable=SC2086
    pipes 0 $command
done

# Features beyond the model's are told with the rows that have them, and with no others.
for method in dtd smooth-grad; do
    run 0 "$OCELOT" explain m.model rows.txt -q --format jsonl --method $method
    check '
own = {f"f{i}" for i in range(1, 9)}
told = {r["row"]: {f["name"] for f in r["features"]} - own for r in rows}
assert len(rows) == 120 and {k: v for k, v in told.items() if v} == {30: {"f10"}, 70: {"f0", "f13"}, 90: {"f40"}}, told
assert all({f["name"] for f in r["features"]} >= own for r in rows)
for r in rows: # what is not told is not explained either
    sizes = sum(abs(f["relevance"]) for f in r["features"])
    assert abs(sum(f["relevance"] for f in r["features"]) - r["explained"]) <= 1e-12 * (1 + sizes), r["row"]
' out
done

# Columns of a pipe are the model's: rows with values elsewhere are rows with an error, those around them are told as if these could not be read.
for command in "explain --format csv" "explain --format npy" "explain --incidents --format jsonl" "explain --incidents --format csv"; do
    # shellcheck disable=SC2086
    run 3 "$OCELOT" $command m.model known.txt -q
    cp out known
    # shellcheck disable=SC2086
    cat rows.txt | run 3 "$OCELOT" $command m.model - -q
    has err "(standard input):31: index 10 is none of the features 1 to 8"
    cp out wanted
    # shellcheck disable=SC2086
    pipes 3 $command
    case $command in
    *npy* | *incidents*) same known wanted ;;
    *)
        lines wanted 121
        grep -v ':[0-9]*: ' known >left
        grep -v ':[0-9]*: ' wanted >right
        lines right 118
        same left right
        ;;
    esac
    # shellcheck disable=SC2086
    run 0 "$OCELOT" $command m.model rows.txt -q # a file is looked through first
done
# Zeros that are written out ask for no column, of a file or a pipe.
sed -n 1,25p rows.txt >zeros.txt
grep -q ' 12:0' zeros.txt || fail "no zero beyond the model's features"
run 0 "$OCELOT" explain m.model zeros.txt -q --format csv
cp out wanted
cat zeros.txt | run 0 "$OCELOT" explain m.model - -q --format csv
same out wanted

for pause in 0 0.2; do
    { head -n 40 rows.txt; sleep $pause; tail -n +41 rows.txt; } | run 3 "$OCELOT" report m.model - -q -o piped.html
    has err "index 10 is none of the features 1 to 8"
    [ $pause = 0 ] || same piped.html before.html
    cp piped.html before.html
done

# A table's label column is there, too, when the first row is too short to have one.
{ echo "f1,f2,f3,f4,f5,f6,f7,f8,label"; echo "1,2"; sleep 0.2; echo "1,2,3,4,5,6,7,8,good"; } | run 3 "$OCELOT" score m.model - -q --format csv --label label
cp out wanted
printf 'f1,f2,f3,f4,f5,f6,f7,f8,label\n1,2\n1,2,3,4,5,6,7,8,good\n' >short.csv
run 3 "$OCELOT" score m.model short.csv -q --format csv --label label
has out good
sed 's/short.csv/(standard input)/' out >short
same short wanted
