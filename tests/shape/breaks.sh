#!/usr/bin/env bash
# The shape tests can fail: each rule is broken once in a copy of the sources, and the script must name the broken place.
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/tests"
cp -R src include apps "$copy"
cp -R tests/shape "$copy/tests"
failed=0

# breaks SCRIPT FILE TEXT PATTERN: appends TEXT (printf) to FILE of the copy, and takes it away again.
breaks() {
    local script=$1 file=$copy/$2 text=$3 pattern=$4 keep=$copy/keep said
    rm -f "$keep"
    [ ! -e "$file" ] || cp "$file" "$keep"
    # shellcheck disable=SC2059 # the text holds line ends
    printf "$text" >>"$file"
    if said=$(bash "$copy/tests/shape/$script.sh" gcc g++ 2>&1); then
        echo "tests/shape/$script.sh:1: did not notice '$text' in $2" >&2
        failed=1
    elif ! grep -qE "$pattern" <<<"$said"; then
        echo "tests/shape/$script.sh:1: broken by '$text' in $2, said: $said" >&2
        failed=1
    fi
    if [ -e "$keep" ]; then cp "$keep" "$file"; else rm -f "$file"; fi
}

breaks layers src/base/size.c '#include "graph/graph.h"\n' 'src/base/size.c:[0-9]+: base may not include graph/graph.h'
breaks layers src/graph/graph.c '#include "rules/rule.h"\n' 'graph may not include'
breaks layers src/svm/file.c '#include "run/plan.h"\n' 'svm may not include'
breaks layers src/svm/file.c '#include <libsvm/svm.h>\n' 'src/svm/file.c:[0-9]+: <libsvm/svm.h> may be included only'
breaks layers src/io/csv.c '#include "svm/machine.h"\n' 'io may not include'
breaks layers src/ops/dense.c '#include <cblas.h>\n' 'cblas.h> may be included only'
breaks layers apps/ocelot/main.c '#include "run/plan.h"\n' 'apps may not include'
breaks layers apps/ocelot/main.c '#include "base/arena.h"\n' 'apps may use of base only'
breaks layers include/ocelot/model.h '#include "graph/graph.h"\n' 'not public'
breaks names src/graph/utils.c '\n' 'src/graph/utils.c:1'
breaks names apps/shell/string_helpers.c '\n' 'string_helpers.c:1'
breaks names src/base/size.c "$(printf '\\n%.0s' {1..500})" 'src/base/size.c:5[0-9]+: .* may have 500'
breaks names include/ocelot/status.h "$(printf '\\n%.0s' {1..300})" 'status.h:3[0-9]+: .* may have 300'
breaks names src/ops/dense.c '    switch (kind) {\n' 'src/ops/dense.c:[0-9]+:.*no switch'
breaks names src/ops/ops.h 'typedef int kind;\n' 'no typedef'
breaks names include/ocelot/model.h '#define LEAST 1\n' 'begin with OCELOT_'
breaks headers include/ocelot/model.h 'struct new_thing { int class_; char class; };\n' 'model.h:1: does not compile alone with: g.. -x c..'
breaks headers include/ocelot/model.h 'size_t forgotten(uint8_t);\n' 'model.h:1: does not compile alone'
breaks headers include/ocelot/lonely.h 'OCELOT_API int lonely(void);\n' 'lonely.h:1'

# An archive that breaks every rule of symbols.sh, and a shared library that exports too little and too much.
cat >"$copy/bad.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
int ocelot_counter;
static int ocelot_calls = 3;
const char *const ocelot_table[] = {"constant", "pointers", "are fine"};
int stray(void) { return 1; }
int ocelot_version(void) { printf("%d", ocelot_calls++ + ocelot_counter); exit(1); }
C
cc -fPIC -O0 -c "$copy/bad.c" -o "$copy/bad.o"
ar rc "$copy/libbad.a" "$copy/bad.o"
cc -shared "$copy/bad.o" -o "$copy/libbad.so"
said=$(bash "$copy/tests/shape/symbols.sh" "$copy/libbad.a" "$copy/libbad.so" 2>&1) && said="nothing"
for pattern in 'external symbol stray does not begin' 'the library uses printf' 'the library uses exit' 'ocelot_counter is a writable global' \
    'ocelot_calls is a writable global' 'ocelot_table is exported by libbad.so and no public header' 'ocelot_plan_create is declared OCELOT_API and not exported'; do
    grep -q "$pattern" <<<"$said" || { echo "tests/shape/symbols.sh:1: did not say '$pattern' but: $said" >&2; failed=1; }
done
! grep -q 'ocelot_table is a writable' <<<"$said" || { echo "tests/shape/symbols.sh:1: takes a const table for a writable global" >&2; failed=1; }

[ "$failed" = 0 ] && echo "breaks: every rule of shape notices when it is broken"
exit "$failed"
