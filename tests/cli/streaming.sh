#!/usr/bin/env bash
# Pipes: one record out as soon as its row is in; readers that go away; Ctrl-C.
. "$(dirname "$0")/harness.sh"

train_table -q

# A row goes in, and its record must come out while the pipe stays open.
for command in score explain; do
    for threads in 1 4; do
        coproc TALK { exec "$OCELOT" $command table.model - --format jsonl --threads $threads 2>talk.err; }
        talker=$TALK_PID
        echo "x,y,z" >&"${TALK[1]}"
        for k in 0 1 2; do
            echo "10,30,$k" >&"${TALK[1]}"
            IFS= read -r -t 20 record <&"${TALK[0]}" || fail "$command: no record for row $k within 20 s"
            case $record in
            '{"row":'$k,*) ;;
            *) fail "$command: found $record where the record of row $k was expected" ;;
            esac
        done
        eval "exec ${TALK[1]}>&-"
        wait "$talker" || fail "$command does not end well when its input does"
    done
done

# LIBSVM rows likewise, the second one wider than the model.
cut -d, -f2-4 table.csv | tail -n +2 >plain.csv
run 0 "$OCELOT" train plain.csv -q -o plain.model
coproc TALK { exec "$OCELOT" explain plain.model - 2>talk.err; }
talker=$TALK_PID
for row in "0 1:10 2:30 3:-5" "0 1:10 7:2.5" "0 3:-5"; do
    echo "$row" >&"${TALK[1]}"
    IFS= read -r -t 20 record <&"${TALK[0]}" || fail "no record for $row within 20 s"
    echo "$record" >>wide.jsonl
done
eval "exec ${TALK[1]}>&-"
wait "$talker" || fail "the run does not end well"
check '
assert [sorted(f["name"] for f in r["features"]) for r in rows] == [["f1", "f2", "f3"], ["f1", "f2", "f3", "f7"], ["f1", "f2", "f3"]], rows
assert rows[1]["features"][0]["relevance"] > 0
' wide.jsonl
printf '0 1:10 2:30 3:-5\n0 1:10 7:2.5\n0 3:-5\n' >wide.libsvm
run 0 "$OCELOT" explain plain.model wide.libsvm
same out wide.jsonl

# A reader that goes away ends the run without a word.
"$PYTHON" -c '
import random
print("x,y,z")
for k in range(20000):
    print(f"{random.gauss(10, 2)},{random.gauss(30, 6)},-5")' >many.csv
{ "$OCELOT" explain table.model many.csv -q 2>pipe.err || true; } | head -n 1 >first.jsonl
lines first.jsonl 1
[ ! -s pipe.err ] || { cat pipe.err >&2; fail "noise on a closed pipe"; }
(trap '' PIPE; "$OCELOT" explain table.model many.csv -q 2>pipe.err || true) | head -n 1 >first.jsonl
[ ! -s pipe.err ] || { cat pipe.err >&2; fail "noise on a closed pipe with SIGPIPE ignored"; }

# Ctrl-C in the middle leaves no half file.
mkfifo slow
"$OCELOT" explain table.model slow --format jsonl -o half.jsonl 2>half.err &
victim=$!
exec 9>slow
printf 'x,y,z\n10,30,-5\n' >&9
for _ in $(seq 100); do
    ls half.jsonl.*.tmp >found 2>ls.err && break
    sleep 0.1
done
[ -s found ] || fail "no temporary file was seen"
kill -TERM "$victim"
wait "$victim" && fail "the run survived SIGTERM"
exec 9>&-
[ ! -e half.jsonl ] || fail "half a file is there"
ls half.jsonl.*.tmp 2>ls.err && fail "the temporary file is left"
exit 0
