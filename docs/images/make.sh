#!/usr/bin/env bash
# Makes docs/images/report.png: the first screen of a report, as Chromium shows it (packages chromium and fonts-dejavu-core).
# usage: OCELOT=build/apps/ocelot/ocelot docs/images/make.sh [OUTPUT.png]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../../data
output=${1:-$here/report.png}
ocelot=${OCELOT:-ocelot}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$ocelot" train "$data/wine.csv" --id id --label label --normal 0 -q -o "$work/wine.model"
"$ocelot" report "$work/wine.model" "$data/wine.csv" --id id --label label --top-rows 1 --top 7 --title "Which wines are unlike cultivar 1?" -o "$work/report.html"

# The README shows what the page says first and the card of the most unusual row; what stands between them is hidden for the picture.
sed -i 's|</style>|section:not(#rows),#rows h2,#rows>p{display:none}#rows{margin-top:1.4rem}main{padding-top:1.6rem;max-width:69rem}</style>|' \
    "$work/report.html"
chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync \
    --hide-scrollbars --user-data-dir="$work/browser" --screenshot="$work/report.png" --window-size=1200,800 "file://$work/report.html" 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
mv "$work/report.png" "$output"
