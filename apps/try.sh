#!/usr/bin/env bash
# Installs what building needs (Debian 12), builds Ocelot in ./build/try, trains a one-class SVM on window glass, explains the splinters
# that are not from windows on the terminal, and leaves report.html in the current folder.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/tests/packages.sh" build
cmake -S "$here" -B "$here/build/try" -G Ninja -DCMAKE_BUILD_TYPE=Release -DOCELOT_TESTS=OFF >/dev/null
cmake --build "$here/build/try" >/dev/null
ocelot=$here/build/try/apps/ocelot/ocelot
"$ocelot" train --id id --label label "$here/data/glass-train.csv" -o glass.model
"$ocelot" explain --id id --label label --format text --only-outliers --top 4 glass.model "$here/data/glass-test.csv"
"$ocelot" report --id id --label label glass.model "$here/data/glass-test.csv" -o report.html
echo "glass.model and report.html are in $PWD; the program is $ocelot"
