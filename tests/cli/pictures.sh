#!/usr/bin/env bash
# Pictures and networks: what is predicted, rows made of pictures, heat maps, and what is refused.
. "$(dirname "$0")/harness.sh"

NET=$OCELOT_DATA/models/fashion.onnx CLASSES=$OCELOT_DATA/models/fashion-classes.txt
mkdir garments
cp "$OCELOT_DATA"/garments-*.png garments
count=$(find garments -name '*.png' | wc -l)

# Every picture is what its file is called; a folder, a list and the files themselves are the same rows.
run 0 "$OCELOT" score "$NET" garments --preprocess unit --classes "$CLASSES" --format jsonl
cp out folder.jsonl
lines folder.jsonl "$count"
check 'for r in rows: assert r["id"] == "garments-" + r["predicted"].lower().replace(" ", "-") + ".png" and r["target"] == r["predicted"], r' folder.jsonl
run 0 "$OCELOT" score "$NET" garments/*.png --preprocess unit --classes "$CLASSES" --format jsonl
same out folder.jsonl
{ echo "# all of them"; find garments -name '*.png' | LC_ALL=C sort; echo; } >list.txt
run 0 "$OCELOT" score "$NET" list.txt --preprocess unit --classes "$CLASSES" --format jsonl
same out folder.jsonl
run 0 "$OCELOT" score "$NET" garments --preprocess unit --classes "$CLASSES" --format text
has out "ankle boot  garments-ankle-boot.png"

# The file says itself what its pixels and classes are; options go before it. SILENT does not say what its pixels are.
run 0 "$OCELOT" score "$NET" garments --format jsonl
same out folder.jsonl
run 0 "$OCELOT" score "$NET" garments --pixel-scale 1/255 --format jsonl
same out folder.jsonl
run 0 "$OCELOT" score "$NET" garments --preprocess none --format jsonl
cmp -s out folder.jsonl && fail "--preprocess none is not heard"
SILENT=silent.onnx
LC_ALL=C sed s/Image.NominalPixelRange/Image.NominalPixelMange/ "$NET" >$SILENT
run 0 "$OCELOT" score $SILENT garments --preprocess unit --format jsonl
same out folder.jsonl

# The network gzipped is the same network.
gzip -c "$NET" >net.onnx.gz
run 0 "$OCELOT" score net.onnx.gz garments --preprocess unit --classes "$CLASSES" --format jsonl
same out folder.jsonl

# An array of the network's own input, as numpy would make it from the pictures, gives the same numbers, and relevance has its shape.
"$PYTHON" - <<'PY' || fail "arrays"
import glob, struct, zlib
import numpy
def png(path):
    data, at, body, size = open(path, "rb").read(), 8, b"", None
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            size = struct.unpack(">II", data[at + 8:at + 16])
        if kind == b"IDAT":
            body += data[at + 8:at + 8 + n]
        at += 12 + n
    rows, out = numpy.frombuffer(zlib.decompress(body), numpy.uint8).reshape(size[1], size[0] + 1).astype(int), []
    for row in rows: # the five filters of PNG
        up, line = out[-1] if out else [0] * size[0], []
        for x, v in enumerate(row[1:]):
            a, b, c = line[-1] if x else 0, up[x], up[x - 1] if x else 0
            p = a + b - c
            near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line.append((v + [0, a, b, (a + b) // 2, near][row[0]]) % 256)
        out.append(line)
    return numpy.array(out)
images = numpy.array([png(p) for p in sorted(glob.glob("garments/*.png"))])
numpy.save("input64.npy", images[:, None] / 255)
numpy.save("input32.npy", (images[:, None] / 255).astype(numpy.float32))
numpy.save("last.npy", images[:, :, :, None] / 255)
with open("bytes.idx", "wb") as f:
    f.write(b"\0\0\x08\x03" + struct.pack(">III", *images.shape) + images.astype(numpy.uint8).tobytes())
big = numpy.kron(images[0], numpy.ones((2, 2), int))
open("big.pgm", "wb").write(b"P5 56 56 255\n" + bytes(big.astype(numpy.uint8).ravel().tolist()))
PY
"$OCELOT" score "$NET" input64.npy --classes "$CLASSES" --format jsonl >array.jsonl
check 'b = load(files[1])
assert len(rows) == len(b)
for x, y in zip(rows, b): assert x["output"] == y["output"] and x["target"] == y["target"], (x, y)' array.jsonl folder.jsonl
run 0 "$OCELOT" score "$NET" bytes.idx --preprocess unit --classes "$CLASSES" --format jsonl
same out array.jsonl
run 0 "$OCELOT" score "$NET" bytes.idx --format jsonl
same out array.jsonl
run 0 "$OCELOT" explain "$NET" input64.npy --format npy -o relevance.npy
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --format npy -o pictures.npy
same relevance.npy pictures.npy
run 0 "$OCELOT" explain "$NET" input32.npy --format npy -o single.npy
"$PYTHON" - <<'PY' || fail "shapes"
import numpy
R, S, X = numpy.load("relevance.npy"), numpy.load("single.npy"), numpy.load("input64.npy")
assert R.shape == S.shape == X.shape and R.dtype == numpy.float64, (R.shape, S.shape, X.shape)
# the input was rounded to 24 bits; nothing in between is worse conditioned than that by 100
assert abs(R - S).max() <= 1e-5 * abs(R).max(), abs(R - S).max()
PY
run 1 "$OCELOT" score "$NET" last.npy
has err "rows are 28x28x1, the network takes 1x28x28 (channels, height, width)"

# Records of networks: the largest outputs by name, ten pixels; targets by name, number, part of a name.
run 0 "$OCELOT" explain "$NET" garments/garments-bag.png --preprocess unit --classes "$CLASSES" --format jsonl --precision float64
check 'r = rows[0]
assert [b["name"] for b in r["best"]][0] == "bag" and len(r["best"]) == 5 and len(r["features"]) == 10, r
assert all(x["output"] >= y["output"] for x, y in zip(r["best"], r["best"][1:]))
assert close(r["explained"] + r["residual"], r["output"], 1e-9)' out
for target in dress 3 DRES; do
    run 0 "$OCELOT" score "$NET" garments/garments-bag.png --preprocess unit --classes "$CLASSES" --format jsonl --target $target
    check 'assert rows[0]["target"] == "dress" and rows[0]["predicted"] == "bag"' out
done
run 2 "$OCELOT" score "$NET" garments/garments-bag.png --preprocess unit --classes "$CLASSES" --target sh
has err "sh is part of"
run 2 "$OCELOT" score "$NET" garments/garments-bag.png --preprocess unit --classes "$CLASSES" --target hat
has err "hat"

# Options that become settings of the method, and bounds from the preprocessing.
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --method lrp --set composite=epsilon-gamma-box --set box=0,1 --format jsonl
cp out set.jsonl
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --method lrp --composite epsilon-gamma-box --box auto --format jsonl
same out set.jsonl
run 0 "$OCELOT" inspect "$NET" --method lrp --composite epsilon-gamma-box --rule 'Dense*=zplus' --box auto --preprocess mnist
has out "box:-0.42421"
has out "gamma:0.25"
has out "zplus"
run 0 "$OCELOT" inspect "$NET" --json
"$PYTHON" -c 'import json; m = json.load(open("out")); assert m["layers"][1]["rule"] == "wsquare/no-bias", m["layers"][1]' || fail "rules as JSON"
run 2 "$OCELOT" explain $SILENT input64.npy --box auto
has err "--box auto takes its bounds from --preprocess"
run 0 "$OCELOT" explain $SILENT input64.npy --box auto --preprocess unit --format jsonl --classes "$CLASSES"
cp out box.jsonl
run 0 "$OCELOT" explain "$NET" input64.npy --box auto --format jsonl
same out box.jsonl

# Heat maps: one file a picture, sheets, colours and scales. Sizes and colours are read back by the program's own reader below.
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --format png -o heat --sheet sheet.png
[ ! -s out ] || fail "--format png also writes records"
has err "heat maps have the full colour at a relevance of"
[ "$(find heat -name 'garments-*_heat.png' | wc -l)" -eq "$count" ] || fail "$(ls heat)"
scale=$(sed -E 's/.*--scale ([^ ]+) .*/\1/' err)
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --format png -o again --scale "$scale"
for file in heat/*; do same "$file" "again/$(basename "$file")"; done
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --format png -o each --scale each -q
cmp -s heat/garments-dress_heat.png each/garments-dress_heat.png && fail "--scale each draws as --scale shared"
run 0 "$OCELOT" explain "$NET" garments --preprocess unit --format png -o over --overlay --colour-map coldnhot -q
[ -s over/garments-dress_overlay.png ] || fail "no overlay"
run 0 "$OCELOT" explain "$NET" input64.npy --format png -o rows -q
same rows/row0_heat.png heat/garments-ankle-boot_heat.png
run 0 "$OCELOT" explain "$NET" garments --preprocess unit -q --sheet beside.png -o beside.jsonl
same beside.png sheet.png
lines beside.jsonl "$count"
ls heat/*.tmp ./*.tmp 2>ls.err && fail "a temporary file is left"

# A heat map is a picture of the network's size, and reads back.
run 0 "$OCELOT" score "$NET" heat/garments-dress_heat.png sheet.png --preprocess unit --resize 28x28

# Larger pictures need to be told how they get small.
run 3 "$OCELOT" score "$NET" big.pgm --preprocess unit
has err "big.pgm: the picture is 56 x 56, the network takes 28 x 28"
run 0 "$OCELOT" score "$NET" big.pgm --preprocess unit --resize 28x28 --format jsonl --classes "$CLASSES"
check 'assert rows[0]["predicted"] == "ankle boot" and close(rows[0]["output"], load(files[1])[0]["output"], 0.1)' out folder.jsonl
run 0 "$OCELOT" score "$NET" big.pgm --preprocess unit --crop 28

# A picture that cannot be read is a row that fails.
head -c 100 garments/garments-bag.png >garments/cut.png
echo text >garments/text.png
run 3 "$OCELOT" score "$NET" garments --preprocess unit --format jsonl
check 'bad = [r for r in rows if "error" in r]
assert [r["id"] for r in bad] == ["cut.png", "text.png"] and len(rows) == 10, bad
assert "is broken or cut off" in bad[0]["error"] and "is no picture" in bad[1]["error"], bad' out

# What is refused, with a sentence.
run 2 "$OCELOT" score $SILENT "$OCELOT_DATA/garments-bag.png"
has err "pictures need --preprocess: imagenet,"
run 2 "$OCELOT" score "$NET" "$OCELOT_DATA/garments-bag.png" "$OCELOT_DATA/wine.csv" --preprocess unit
has err "only these may be several"
run 1 "$OCELOT" score "$NET" nowhere.png --preprocess unit
has err "nowhere.png: cannot be opened"
mkdir empty
run 1 "$OCELOT" score "$NET" empty --preprocess unit
has err "holds no file that ends in .png"
run 2 "$OCELOT" score "$NET" "$OCELOT_DATA/garments-bag.png" --preprocess vgg
run 2 "$OCELOT" score "$NET" "$OCELOT_DATA/garments-bag.png" --mean 1,2
has err "--mean"
run 2 "$OCELOT" explain "$NET" "$OCELOT_DATA/garments-bag.png" --preprocess unit --format png
has err "name a folder with --output"
run 2 "$OCELOT" score "$NET" "$OCELOT_DATA/garments-bag.png" --preprocess unit --format png -o scores
has err "which score does not have"
run 2 "$OCELOT" score "$OCELOT_DATA/models/glass-oneclass.model" "$OCELOT_DATA/glass-test.csv" --classes "$CLASSES"
has err "is no ONNX file, which --classes is for"

# Rows that are no pictures have no heat maps.
train_table -q
run 1 "$OCELOT" explain table.model today.csv --id id --format png -o none
has err "rows are no pictures"

# The page: pictures, heat maps and classes, in one file.
run 0 "$OCELOT" report "$NET" "$OCELOT_DATA"/garments-*.png --preprocess unit --classes "$CLASSES" -o page.html
has page.html "The model is a neural network of 9 layers"
has page.html "ankle boot"
has page.html 'class="best"'
lacks page.html "support vector"
