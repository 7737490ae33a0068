#!/usr/bin/env bash
# Names and sizes of files, and the words that the rooms do without.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0
complain() {
    echo "$1" >&2
    failed=1
}

# A name says the subject; a drawer for everything has none.
while IFS= read -r file; do
    complain "$file:1: a file is named for its one subject; '$(basename "$file")' names none"
done < <(find src include apps tests -type f | grep -E '[/_-](utils?|misc|common|helpers?|aux|auxiliary|other|stuff)[_.-][^/]*$' || true)

# long LIMIT WHAT FILES...: complains about files of more lines.
long() {
    local limit=$1 what=$2 lines file
    shift 2
    for file in "$@"; do
        lines=$(wc -l <"$file")
        [ "$lines" -le "$limit" ] || complain "$file:$lines: $what may have $limit lines, this one has $lines: it holds more than one subject"
    done
}
mapfile -t sources < <(find src apps -name '*.[ch]')
long 500 "a source file" "${sources[@]}"
long 300 "a public header" include/ocelot/*.h

# Kinds are rows of tables: where a switch would stand, a row is missing.
while IFS= read -r hit; do
    complain "$hit <- no switch in this room: kinds are rows of a const table"
done < <(grep -nE '^[^/*"]*\bswitch[[:space:]]*\(' -r src --include='*.[ch]' || true)

# A typedef hides what a thing is; _t is POSIX's. The compiler's vector types cannot be written without one.
while IFS= read -r hit; do
    complain "$hit <- no typedef: write struct, enum or the pointer itself"
done < <(grep -nE '^[[:space:]]*typedef\b' -r src include apps --include='*.[ch]' | grep -vE '^src/kernels/.*\b(vector|wide)\b' || true)

# Macros of public headers land in every program that includes them.
while IFS= read -r hit; do
    complain "$hit <- macros of public headers begin with OCELOT_"
done < <(grep -nE '^#[[:space:]]*define[[:space:]]+' -r include --include='*.h' | grep -vE 'define[[:space:]]+OCELOT_' || true)

[ "$failed" = 0 ] && echo "names: every file is named, short, and free of switches and typedefs"
exit "$failed"
