#!/usr/bin/env bash
# explain --incidents: which rows become one incident, and what its record says.
. "$(dirname "$0")/harness.sh"

train_table -q

# Rows by letter: n normal, o odd y, O odder y, z odd z, e a missing value. The sequence names each row by its place.
sequence() {
    echo "id,x,y,z"
    local k
    for ((k = 0; k < ${#1}; k++)); do
        case ${1:k:1} in
        n) echo "r$k,10,30,-5" ;;
        o) echo "r$k,10,60,-5" ;;
        O) echo "r$k,10,90,-5" ;;
        z) echo "r$k,10,30,-2" ;;
        e) echo "r$k,10,,-5" ;;
        esac
    done
}

# incidents SEQUENCE STATUS EXPECTED [OPTION...]: "first-last:rows:failed:peak ..." of its incidents.
incidents() {
    local sequence=$1 status=$2 expected=$3
    shift 3
    sequence "$sequence" >rows.csv
    run "$status" "$OCELOT" explain table.model rows.csv --id id --incidents "$@" -o incidents.jsonl
    EXPECTED=$expected check '
import os
found = " ".join("%d-%d:%d:%d:%d" % (r["first_row"], r["last_row"], r["rows"], r["failed"], r["peak_row"]) for r in rows)
assert found == os.environ["EXPECTED"], found
for k, r in enumerate(rows):
    assert r["incident"] == k
    assert (r["first_id"], r["last_id"], r["peak_id"]) == tuple("r%d" % r[n] for n in ("first_row", "last_row", "peak_row"))
    assert r["peak_score"] > r["threshold"]
    assert close(sum(f["share"] for f in r["features"]), 1, 1e-12)
' incidents.jsonl
}

incidents "" 0 ""
incidents nnnn 0 ""
incidents o 0 "0-0:1:0:0"
incidents oon 0 "0-1:2:0:0" # equal scores: the first is the peak
incidents noOon 0 "1-3:3:0:2"
incidents noonoOn 0 "1-2:2:0:1 4-5:2:0:5"
incidents noonoOn 0 "1-5:4:0:5" --gap 1
incidents oonno 0 "0-1:2:0:0 4-4:1:0:4" --gap 1
incidents oonno 0 "0-4:3:0:0" --gap 2
# A row that cannot be explained lies between like a normal one, and is counted when the incident goes on after it.
incidents oeo 3 "0-0:1:0:0 2-2:1:0:2"
incidents oeo 3 "0-2:2:1:0" --gap 1
incidents oeno 3 "0-3:2:1:0" --gap 2
incidents eoe 3 "1-1:1:0:1" --gap 5
incidents oeeeno 3 "0-0:1:0:0 5-5:1:0:5" --gap 3
has err "3 of 6 rows could not be explained; the first: row 1"
incidents Ooooooz 0 "0-6:7:0:0"
# Nothing depends on how rows are read and by whom.
sequence "noOonnzzoennnOo" >rows.csv
run 3 "$OCELOT" explain table.model rows.csv --id id --incidents --gap 1 --batch 1 --threads 1 -o one.jsonl
for batch in 2 3 7 100; do
    run 3 "$OCELOT" explain table.model rows.csv --id id --incidents --gap 1 --batch $batch --threads 4 -o many.jsonl
    same one.jsonl many.jsonl
done
run 3 "$OCELOT" explain table.model - --id id --incidents --gap 1 <rows.csv
same out one.jsonl

# An incident of one row says what the row's own record says.
sequence "nOn" >rows.csv
run 0 "$OCELOT" explain table.model rows.csv --id id --only-outliers -o row.jsonl
for aggregate in max mean rms weighted peak first; do
    run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --method dtd --aggregate $aggregate -o one.jsonl
    check '
(row,), (one,) = load(files[0]), load(files[1])
assert one["aggregate"] == "'$aggregate'" and one["method"] == "dtd" and one["peak_score"] == row["outlier_score"] and one["p_value"] == row["p_value"]
for f, g in zip(row["features"], one["features"]):
    assert (f["name"], f["value"]) == (g["name"], g["value"])
    assert close(f["expected"], g["expected"], 1e-11)  # from shares or from distances: kernels.h
    assert close(f["relevance"], g["relevance"], 1e-15)  # roots and quotients round once
' row.jsonl one.jsonl
done

# Aggregation over several rows, against the rows own records.
sequence "oOz" >rows.csv
run 0 "$OCELOT" explain table.model rows.csv --id id -o row.jsonl
for aggregate in max mean peak first mean-share; do
    run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --method dtd --aggregate $aggregate -o one.jsonl
    check '
members, (one,) = load(files[0]), load(files[1])
part = lambda r, n: next(f["relevance"] for f in r["features"] if f["name"] == n)
whole = lambda r: sum(abs(f["relevance"]) for f in r["features"])
ways = {"max": lambda n: max(part(r, n) for r in members), "mean": lambda n: sum(part(r, n) for r in members) / 3,
        "peak": lambda n: part(max(members, key=lambda r: r["outlier_score"]), n), "first": lambda n: part(members[0], n),
        "mean-share": lambda n: sum(part(r, n) / whole(r) for r in members) / 3}
found = [f["relevance"] for f in one["features"]]
assert len(found) == 3 and found == sorted(found, reverse=True)
for f in one["features"]:
    assert close(f["relevance"], ways["'$aggregate'"](f["name"]), 1e-14)
' row.jsonl one.jsonl
done

# Without a method, incidents are ranked by how far values are off, the loudest rows first; other methods by their largest relevance.
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents -o one.jsonl
check 'assert rows[0]["method"] == "level" and rows[0]["aggregate"] == "loudest"' one.jsonl
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --method level --aggregate loudest -o same.jsonl
same one.jsonl same.jsonl
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --method gradient -o one.jsonl
check 'assert rows[0]["method"] == "gradient" and rows[0]["aggregate"] == "max"' one.jsonl
cut -d, -f2-4 rows.csv >dot.csv
run 0 "$OCELOT" train dot.csv --kernel polynomial --holdout 0 -q -o dot.model
run 0 "$OCELOT" explain dot.model dot.csv --incidents -o one.jsonl
check 'assert all(r["method"] == "taylor" and r["aggregate"] == "max" for r in rows)' one.jsonl

# The other formats, --top, --alpha, groups.
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --top 1 -f text
has out "INCIDENT 0  rows 0 to 2  r0 .. r2   3 outliers; at its peak:"
has out "(2 others)"
lacks out "(residual)"
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents -f csv
lines out 2
has out "incident,first_row,last_row,first_id,last_id,rows,failed,peak_row,peak_id,peak_score,threshold,p_value,method,explains,aggregate,relevance:x,relevance:y,relevance:z"
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --alpha 0.000001 -o none.jsonl
check 'assert not rows' none.jsonl
echo "group,feature
xy,x
xy,y" >groups.csv
run 0 "$OCELOT" explain table.model rows.csv --id id --incidents --groups groups.csv -o grouped.jsonl
check '
f = {f["name"]: f for f in rows[0]["features"]}
assert sorted(f) == ["xy", "z"] and f["xy"]["value"] is None and f["z"]["value"] == -5 and f["z"]["expected"] is not None' grouped.jsonl

# A record goes out as soon as its incident is over.
coproc TALK { exec "$OCELOT" explain table.model - --id id --incidents --format jsonl 2>talk.err; }
talker=$TALK_PID
sequence "oon" >&"${TALK[1]}"
IFS= read -r -t 20 record <&"${TALK[0]}" || fail "no record of an incident that is over within 20 s"
case $record in
'{"incident":0,"first_row":0,"last_row":1,'*) ;;
*) fail "found $record" ;;
esac
eval "exec ${TALK[1]}>&-"
wait "$talker" || fail "the run does not end well"

# What cannot be.
run 2 "$OCELOT" explain table.model rows.csv --incidents --aggregate point
has err "--aggregate: found point, expected one of max, mean"
run 2 "$OCELOT" explain table.model rows.csv --gap 1
has err "--gap is for --incidents"
run 2 "$OCELOT" explain table.model rows.csv --incidents -f npy
has err "--incidents writes jsonl, csv or text, not npy"
run 1 "$OCELOT" explain "$OCELOT_DATA/models/wdbc-csvc.model" "$OCELOT_DATA/models/wdbc-csvc-test-scaled.libsvm" --incidents
has err "has no outliers"
run 2 "$OCELOT" score table.model rows.csv --incidents

# LIBSVM rows wider than the model: known in advance from a file; of a pipe they are rows with an error, whatever the batches.
cut -d, -f2-4 table.csv | tail -n +2 >plain.csv
run 0 "$OCELOT" train plain.csv -q -o plain.model
printf '0 1:10 2:60 3:-5\n0 1:10 7:9.5\n0 1:10 2:30 3:-5\n' >wide.libsvm
run 0 "$OCELOT" explain plain.model wide.libsvm --incidents --batch 1 -o wide.jsonl
check 'assert len(rows) == 1 and "f7" in [f["name"] for f in rows[0]["features"]], rows' wide.jsonl
run 3 "$OCELOT" explain plain.model - --incidents --batch 1 <wide.libsvm
has err "(standard input):2: index 7 is none of the features 1 to 3"
