#!/usr/bin/env bash
# Runs every command of one page of the documentation: all ```sh blocks, in order, as one script, in an empty folder that has the
# project's `data`. Blocks ```c FILE are written to FILE first, so that examples are compiled as printed. Usage: pages.sh PAGE.md
. "$(dirname "$0")/harness.sh"
page=$1
ln -s "$OCELOT_DATA" data
mkdir bin
ln -s "$OCELOT" bin/ocelot
ln -s "$SVM_EXPLAIN" bin/svm-explain
PATH=$PWD/bin:$PATH
# What the README calls its files by.
cut -d, -f2-10 data/glass-train.csv >readings.csv
cut -d, -f2-10 data/glass-test.csv >new.csv
cp data/models/glass-oneclass-test-scaled.libsvm rows.libsvm
cp data/models/glass-oneclass.model foreign.model
cp data/models/fashion.onnx net.onnx
mkdir pictures
cp data/garments-*.png pictures
awk '
    /^```sh$/ { block = "commands.sh"; next }
    /^```c / { block = $2; next }
    /^```/ { block = ""; next }
    block { print > block }
' "$page"
[ -s commands.sh ] || fail "$page has no commands"
if grep -q pkg-config commands.sh; then # the page uses the library: install it where only this test looks
    cmake --install "${OCELOT_BUILD:?the build folder}" --prefix "$WORK/prefix" >/dev/null
    libraries=$(dirname "$(find "$WORK/prefix" -name libocelot.a)")
    export PKG_CONFIG_PATH=$libraries/pkgconfig LD_LIBRARY_PATH=$libraries
fi
status=0
bash -eu commands.sh >out 2>err || status=$?
[ "$status" -eq 0 ] || fail "a command of $page ended with status $status"
# What the README shows of the terminal is what apps/try.sh prints there.
sed -n '/^    OUTLIER/,/^$/s/^    //p' "$page" >shown
if [ -s shown ]; then
    grep '^"\$ocelot" \(train\|explain\) ' "$OCELOT_DATA/../apps/try.sh" | sed 's/\$here/./g' >try.sh
    [ "$(wc -l <try.sh)" -eq 2 ] || fail "apps/try.sh does not train and explain"
    LC_ALL=C.UTF-8 ocelot=$OCELOT bash -eu try.sh >out 2>err
    grep -A "$(($(wc -l <shown) - 1))" -F -x -- "$(head -n 1 shown)" out >printed || fail "$page shows a row that is not printed"
    same shown printed
fi
echo "$(basename "$page"): $(wc -l <commands.sh) lines of commands ran"
