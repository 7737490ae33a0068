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
awk '
    /^```sh$/ { block = "commands.sh"; next }
    /^```c / { block = $2; next }
    /^```/ { block = ""; next }
    block { print > block }
' "$page"
[ -s commands.sh ] || fail "$page has no commands"
status=0
bash -eu commands.sh >out 2>err || status=$?
[ "$status" -eq 0 ] || fail "a command of $page ended with status $status"
echo "$(basename "$page"): $(wc -l <commands.sh) lines of commands ran"
