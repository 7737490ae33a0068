#!/usr/bin/env bash
# Makes the pictures of docs/evaluation.md from pages of `ocelot evaluate`, as Chromium shows them (packages chromium and fonts-dejavu-core):
# evaluation-continuity.png, relevance in the quadrants while a garment is moved, and evaluation-selectivity.png, curves of replacement on digits.
# usage: OCELOT=build/apps/ocelot/ocelot docs/images/make_evaluation.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../../data
folder=${1:-$here}
ocelot=${OCELOT:-ocelot}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shot PAGE OUTPUT HEIGHT SELECTORS: only the sections that the selectors leave.
shot() {
    sed -i "s|</style>|h1,.lead,section:not($4){display:none}main{padding-top:1rem;max-width:69rem}section{margin-top:.6rem}</style>|" "$1"
    chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync \
        --hide-scrollbars --user-data-dir="$work/browser" --screenshot="$work/shot.png" --window-size="1200,$3" "file://$1" 2>"$work/log" ||
        { cat "$work/log" >&2; exit 1; }
    mv "$work/shot.png" "$2"
}

"$ocelot" evaluate "$data/models/fashion.onnx" "$data"/garments-*.png --preprocess unit --box auto -q --no-times -o "$work/fashion.json" \
    --methods dtd,lrp:composite=excitation-backprop,lrp:composite=epsilon-plus,gradient,gradient-x-input,integrated-gradients,grad-cam,occlusion \
    --report "$work/fashion.html"
shot "$work/fashion.html" "$folder/evaluation-continuity.png" 1440 '#paths):not(#pictures'
"$ocelot" train "$data/digits-zero-train.npy" --scale-features none -q -o "$work/zero.model"
"$ocelot" evaluate "$work/zero.model" "$data/digits-zero-test.npy" --rows 45 --disturbed 1 -q --no-times -o "$work/zero.json" \
    --methods dtd,gradient,gradient-x-input,taylor,occlusion,nearest-neighbour,pattern --report "$work/zero.html"
shot "$work/zero.html" "$folder/evaluation-selectivity.png" 780 '#curves'
