#!/usr/bin/env bash
# Makes docs/images/composites.png: one garment under each composite, and docs/images/garments.png: eight garments under dtd.
# usage: OCELOT=build/apps/ocelot/ocelot docs/images/make_networks.sh   (python3-pil joins the pictures)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../../data
ocelot=${OCELOT:-ocelot}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
net=("$data/models/fashion.onnx" --preprocess unit --box auto)

"$ocelot" explain "${net[@]}" "$data"/garments-*.png --method dtd --sheet "$work/garments.png" -f csv -o /dev/null -q
for composite in epsilon epsilon-plus epsilon-plus-flat epsilon-alpha2-beta1 epsilon-alpha2-beta1-flat epsilon-gamma-box excitation-backprop deep-taylor deep-taylor-box; do
    "$ocelot" explain "${net[@]}" "$data/garments-sneaker.png" --method lrp --composite "$composite" --scale each -f png -o "$work/$composite" -q
done
/usr/bin/python3 - "$work" "$here" "$data" <<'PY'
import sys
from pathlib import Path
from PIL import Image, ImageDraw
work, here, data = map(Path, sys.argv[1:])
Image.open(work / "garments.png").convert("RGB").save(here / "garments.png", optimize=True)
names = ["epsilon", "epsilon-plus", "epsilon-plus-flat", "epsilon-alpha2-beta1", "epsilon-alpha2-beta1-flat", "epsilon-gamma-box",
         "excitation-backprop", "deep-taylor", "deep-taylor-box"]
tiles = [("garment", data / "garments-sneaker.png")] + [(n, next((work / n).glob("*.png"))) for n in names]
side, gap, foot = 168, 12, 22
sheet = Image.new("RGB", (5 * (side + gap) + gap, 2 * (side + foot + gap) + gap), "white")
draw = ImageDraw.Draw(sheet)
for k, (name, path) in enumerate(tiles):
    x, y = gap + k % 5 * (side + gap), gap + k // 5 * (side + foot + gap)
    sheet.paste(Image.open(path).convert("RGB").resize((side, side), Image.NEAREST), (x, y))
    draw.text((x, y + side + 5), name, fill="black")
sheet.save(here / "composites.png", optimize=True)
PY
