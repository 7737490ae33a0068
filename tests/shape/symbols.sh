#!/usr/bin/env bash
# symbols.sh STATIC SHARED: what the library's object code defines, calls and keeps.
set -euo pipefail
cd "$(dirname "$0")/../.."
static=$1 shared=$2
failed=0
complain() {
    echo "$1" >&2
    failed=1
}
# where SYMBOL: a line of the sources that has the word.
where() {
    grep -rnw --include='*.c' -m1 "$1" src | head -n 1 | cut -d: -f1,2 || true
}

# 1. Every external symbol is ours by name. Allowed on purpose: onnx__ (what protoc-c makes of ONNX's schema; hidden in the shared library).
while read -r name; do
    complain "$(where "$name"): external symbol $name does not begin with ocelot_ (make it static, or name it so)"
done < <(nm --extern-only --defined-only "$static" | awk 'NF == 3 { print $3 }' | grep -vE "^(ocelot_|onnx__)" | sort -u)

# 2. The library neither prints nor ends the process nor touches what belongs to the whole process.
# Allowed on purpose: __assert_fail (our own bugs only), localeconv and strtod (read the locale, never set it).
forbidden='printf|vprintf|puts|putchar|perror|__printf_chk|__vprintf_chk|exit|_exit|_Exit|quick_exit|abort|atexit|at_quick_exit|setlocale|uselocale|signal|sigaction|raise'
forbidden+='|system|popen|fork|getenv|setenv|putenv|srand|rand|random|drand48|strtok|gmtime|localtime|asctime|ctime|strerror|stdout|stderr|stdin|svm_load_model|svm_save_model'
while read -r name; do
    complain "$(where "$name"): the library uses $name, which belongs to the program that calls it"
done < <(nm --undefined-only "$static" | awk 'NF == 2 { print $2 }' | sed 's/@.*//' | grep -xE "$forbidden" | sort -u)

# 3. No variable that can be written. Tables of pointers are const and only relocated (sections .data.rel.ro*).
while read -r kind name; do
    complain "$(where "$name"): $name is a writable global (section type $kind); the library keeps no state between calls"
done < <(nm --defined-only "$static" | awk 'NF == 3 && $2 ~ /^[bBdDCsSgG]$/ { print $2, $3 }' |
    while read -r kind name; do
        # nm calls .data.rel.ro "d" too: objdump tells them apart.
        if ! objdump -t "$static" 2>/dev/null | awk -v n="$name" '$NF == n { print }' | grep '\.data\.rel\.ro' >/dev/null; then
            # Where GCC drops the variable's suffix .0 the source still has the name.
            echo "$kind ${name%.[0-9]*}"
        fi
    done | sort -u)

# 4. The shared library exports what the headers declare with OCELOT_API, all of it and nothing else.
# What the umbrella ocelot.h shows is the core's; what only analysis.h shows belongs to the analysis library.
shown() { cc -Iinclude -MM -x c "include/ocelot/$1" | tr ' ' '\n' | grep -o 'include/ocelot/.*\.h' | sort -u; }
mapfile -t headers < <(shown ocelot.h)
[[ $(basename "$shared") != *analysis* ]] || mapfile -t headers < <(comm -13 <(shown ocelot.h) <(shown analysis.h))
declared=$(cat "${headers[@]}" | tr '\n' ' ' | sed 's/OCELOT_API/\n&/g' | sed -nE 's/^OCELOT_API ([^;(]*)[(;].*$/\1/p' |
    sed -E 's/\[\]//; s/[[:space:]]+$//; s/^.*[^a-z0-9_]([a-z0-9_]+)$/\1/' | grep -E '^ocelot_' | sort -u)
exported=$(nm --dynamic --defined-only "$shared" | awk 'NF == 3 { print $3 }' | sort -u)
while read -r name; do
    complain "$(grep -nw -m1 -H "$name" include/ocelot/*.h | head -n 1 | cut -d: -f1,2): $name is declared OCELOT_API and not exported by $(basename "$shared")"
done < <(comm -23 <(echo "$declared") <(echo "$exported"))
while read -r name; do
    complain "$(where "$name"): $name is exported by $(basename "$shared") and no public header declares it"
done < <(comm -13 <(echo "$declared") <(echo "$exported"))

[ "$failed" = 0 ] && echo "symbols: $(echo "$exported" | wc -l) functions exported, none foreign, no writable global"
exit "$failed"
