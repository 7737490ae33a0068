#!/usr/bin/env bash
# ocelot report: one page that needs nothing else, with every part, whatever the names are.
. "$(dirname "$0")/harness.sh"

# page FILE: well-formed, self-contained, no strange number where a position belongs.
page() {
    "$PYTHON" - "$1" <<'PY' || fail "$1 is no sound page"
import re, sys
import xml.etree.ElementTree as tree
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
root = tree.fromstring(text.replace("<!DOCTYPE html>", ""))
ids = [e.get("id") for e in root.iter() if e.get("id")]
assert len(ids) == len(set(ids)), "an id occurs twice"
for e in root.iter():
    assert e.tag not in ("script", "link", "iframe", "object", "embed", "base", "form"), e.tag
    for name, value in e.attrib.items():
        assert not name.lower().startswith("on"), (e.tag, name)
        if name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height"):
            assert re.fullmatch(r"-?\d+(\.\d+)?%?", value), (e.tag, name, value)
        if name == "src":
            assert value.startswith("data:image/png;base64,"), value[:60]
        if name == "href":
            assert value.startswith("#") and value[1:] in ids, value
        if name == "d":
            assert re.fullmatch(r"[MHVhL0-9. -]+", value), value[:60]
    if e.tag == "img":
        assert e.get("alt"), "a picture without alternative text"
    if e.tag == "table":
        assert e[0].tag == "caption", "a table without caption"
outside = re.sub(r'data:image/png;base64,[A-Za-z0-9+/=]*', "", text)
for word in ("http:", "https:", "url(", "@import", "<script"):
    assert word not in outside, word
PY
}

# A table with outliers: every part is there, the rows that stand out come first, the parts are in the words of the data.
train_table -q
run 3 "$OCELOT" report table.model today.csv --id id -o report.html --top-rows 2 --title 'Pumps & valves'
has err "1 of 44 rows could not be explained"
page report.html
has report.html "<h1>Pumps &amp; valves</h1>"
for part in reading scores ranking rows glance features model; do
    has report.html "<section id=\"$part\">"
done
has report.html 'prefers-color-scheme:dark'
has report.html 'href="#row-40"'
has report.html 'odd-y'
has report.html 'normal range'
has report.html 'residual'
[ "$(grep -o '<article' report.html | wc -l)" -eq 2 ] || fail "expected two rows one by one"

# The same numbers as explain.
run 3 "$OCELOT" explain table.model today.csv --id id --format jsonl -q -o all.jsonl
check '
import re
text = open(files[1], encoding="utf-8").read()
rows = [r for r in rows if "error" not in r]
outliers = [r for r in rows if r["is_outlier"]]
first = max(rows, key=lambda r: r["outlier_score"])
assert "<dt>outliers</dt><dd class=\"alert\">%d</dd>" % len(outliers) in text, len(outliers)
row = re.search(r"<article.*?</article>", text, re.S).group(0)
assert "id=\"row-%d\"" % first["row"] in row and first["id"] in row
names = re.findall(r"<bdi>([^<]*)</bdi> = ", row)
assert names == [f["name"] for f in first["features"]], names
score = re.findall(r"<b>([0-9.]+)</b></td></tr></tfoot>", row)[0]
assert close(float(score), first["outlier_score"], 1e-3), score # four digits are shown
shares = [float(s) for s in re.findall(r"<small>([0-9]+)\u202f%</small>", row)]
assert abs(shares[0] - 100 * first["features"][0]["share"]) <= 0.5 + 1e-9, shares
' all.jsonl report.html

# The page does not depend on the number of threads or on the way the data came.
run 3 "$OCELOT" report table.model today.csv --id id --threads 1 -q -o one.html --title t
run 3 "$OCELOT" report table.model - --id id --threads 3 -q -o three.html --title t <today.csv
sed 's/(standard input)/today.csv/' three.html >piped.html
same one.html piped.html

# Without outliers the page says so and shows the most unusual rows.
run 0 "$OCELOT" report table.model <(grep -v 'no-x' today.csv) --id id --alpha 0.0001 -o calm.html
page calm.html
has calm.html "No outliers"
has calm.html "The most unusual rows"
# No rows at all.
run 0 "$OCELOT" report table.model <(head -n 1 today.csv) --id id -o empty.html
page empty.html
has empty.html "holds no rows"

# Hostile names in the header, in ids, labels and the title; more features than have a place.
"$PYTHON" - <<'PY'
import random
random.seed(1)
names = ["<script>alert(1)</script>", "\"\"&' onload=x", "a" * 400, "\u202eevil", "\x01\x02"] + [f"x{i}" for i in range(55)]
def rows(path, n, odd):
    with open(path, "w", encoding="utf-8") as f:
        f.write("id,kind," + ",".join(f'"{name}"' for name in names) + "\n")
        for k in range(n):
            values = [random.gauss(0, 1) + (50 if k < odd and i == k % 5 else 0) for i in range(len(names))]
            f.write(f'"<b>{k}</b>","<i>",' + ",".join(f"{v:.3f}" for v in values) + "\n")
rows("hostile-train.csv", 200, 0)
rows("hostile.csv", 300, 20)
PY
run 0 "$OCELOT" train hostile-train.csv --id id --label kind -q -o hostile.model
run 0 "$OCELOT" report hostile.model hostile.csv --id id --label kind -o hostile.html --title '</title><script>' --top 5
page hostile.html
has hostile.html "55 other features"
has hostile.html "&lt;script&gt;alert(1)&lt;/script&gt;"
lacks hostile.html "<b>0</b>"

# Images: pictures in place of lists of pixels, known by themselves or by --image.
run 0 "$OCELOT" train "$OCELOT_DATA/digits-zero-train.npy" -q -o digits.model
run 0 "$OCELOT" report digits.model "$OCELOT_DATA/digits-zero-test.npy" --top-rows 4 -o digits.html
page digits.html
has digits.html 'alt="relevance of the pixels of row'
has digits.html 'alt="what was expected in place of row'
lacks digits.html 'class="waterfall"'
run 0 "$OCELOT" report digits.model "$OCELOT_DATA/digits-zero-test.npy" --top-rows 4 --image no -o listed.html
page listed.html
lacks listed.html '<img'
has listed.html 'class="waterfall"'
run 0 "$OCELOT" report digits.model "$OCELOT_DATA/digits-zero-test.npy" --top-rows 1 --image 4x16 -o flat.html
has flat.html 'width="16" height="4"'
run 1 "$OCELOT" report digits.model "$OCELOT_DATA/digits-zero-test.npy" --image 9x9 -o wrong.html
has err "number of features, 64"
[ ! -e wrong.html ] || fail "a page was left although there was an error"
run 2 "$OCELOT" report digits.model "$OCELOT_DATA/digits-zero-test.npy" --image large -o wrong.html

# Relevance of both signs: a linear model and a classifier; a foreign model with its range file.
run 0 "$OCELOT" train table.csv --id id --label state --normal ok --kernel linear -q -o linear.model
run 3 "$OCELOT" report linear.model today.csv --id id -q -o linear.html
page linear.html
has linear.html 'away from it'
models=$OCELOT_DATA/models
run 0 "$OCELOT" report "$models/wdbc-csvc.model" "$models/wdbc-csvc-test.libsvm" --range "$models/wdbc-csvc.range" -o classes.html
page classes.html
has classes.html 'class="pull"'
has classes.html 'for the second'
run 0 "$OCELOT" report "$models/glass-oneclass.model" "$models/glass-oneclass-test.libsvm" --range "$models/glass-oneclass.range" -o foreign.html
page foreign.html
lacks foreign.html 'held-out normal rows'
run 1 "$OCELOT" report "$models/glass-oneclass.model" "$models/glass-oneclass-test.libsvm" --alpha 0.01 -o wrong.html
has err "held-out scores"
