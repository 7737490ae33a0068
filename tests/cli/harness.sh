# What every test of the command line starts with: `. "$(dirname "$0")/harness.sh"`.
# ctest sets OCELOT, SVM_EXPLAIN (the programs) and OCELOT_DATA (the repository's data folder).
# A failing check prints what was run, what was expected and what came, and ends the test.
set -eu
: "${OCELOT:?path of the ocelot program}" "${SVM_EXPLAIN:?path of the svm-explain program}" "${OCELOT_DATA:?the data folder}"
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3
WORK=$(mktemp -d "${TMPDIR:-/tmp}/ocelot-cli.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

fail() {
    echo "FAILED: $*" >&2
    for file in out err; do
        [ -s "$file" ] && { echo "--- $file:" >&2; head -c 3000 "$file" >&2; }
    done
    exit 1
}

# run STATUS COMMAND...: runs it with output in `out` and `err`; its exit status must be STATUS.
run() {
    local wanted=$1 got=0
    shift
    "$@" >out 2>err || got=$?
    [ "$got" -eq "$wanted" ] || fail "exit status $got, expected $wanted: $*"
}

# has FILE TEXT: the file holds the text.
has() {
    grep -qF -- "$2" "$1" || fail "$1 does not contain: $2"
}

lacks() {
    ! grep -qF -- "$2" "$1" || fail "$1 contains: $2"
}

same() {
    cmp "$1" "$2" >&2 || fail "$1 and $2 differ"
}

# lines FILE COUNT
lines() {
    local n
    n=$(wc -l <"$1")
    [ "$n" -eq "$2" ] || fail "$1 has $n lines, expected $2"
}

# check 'PYTHON EXPRESSIONS' [FILE...]: assertions over JSON lines (`rows` of the first file, `close(a, b, tolerance)` that fails on NaN).
check() {
    local code=$1
    shift
    "$PYTHON" - "$code" "$@" <<'PY' || fail "check: $code"
import json, math, sys
def load(path):
    def refuse(word):
        raise ValueError("not JSON: " + word)
    with open(path, encoding="utf-8") as f:
        return [json.loads(line, parse_constant=refuse) for line in f]
def close(a, b, tolerance):
    return a is not None and b is not None and math.isfinite(a) and math.isfinite(b) and abs(a - b) <= tolerance * max(1, abs(a), abs(b))
files = sys.argv[2:]
rows = load(files[0]) if files else []
exec(sys.argv[1])
PY
}

# A table of normal rows: y follows x, z is alone; columns id,x,y,z,state. Written to table.csv; rows to explain to today.csv, in another
# column order, with one column more, three odd rows and one missing value.
make_tables() {
    "$PYTHON" - <<'PY'
import random
random.seed(7)
def row():
    x = random.gauss(10, 2)
    return x, 3 * x + random.gauss(0, 1), random.gauss(-5, 0.5)
with open("table.csv", "w") as f:
    f.write("id,x,y,z,state\n")
    for k in range(400):
        x, y, z = row()
        f.write(f"n{k},{x!r},{y!r},{z!r},ok\n")
    for k in range(20):
        f.write(f"b{k},{100 + k},{-50 - k},{k},broken\n")
with open("today.csv", "w") as f:
    f.write("weather,z,id,y,x\n")
    for k in range(40):
        x, y, z = row()
        f.write(f"rain,{z!r},t{k},{y!r},{x!r}\n")
    f.write("sun,-5,odd-y,60,10\n")
    f.write("sun,-5,no-x,30,\n")
    f.write("sun,9,odd-z,30,10\n")
    f.write("sun,-5,fine,30,10\n")
PY
}

train_table() {
    make_tables
    run 0 "$OCELOT" train table.csv --id id --label state --normal ok -o table.model "$@"
}
