#!/usr/bin/env bash
# headers.sh CC CXX: each public header compiles alone, as C11 and as C++17, with every warning an error.
set -euo pipefail
cd "$(dirname "$0")/../.."
cc=$1 cxx=$2 failed=0 count=0
for header in include/ocelot/*.h; do
    line="#include \"ocelot/$(basename "$header")\""
    # Twice, so that a missing guard shows.
    for compile in "$cc -x c -std=c11 -Wstrict-prototypes" "$cxx -x c++ -std=c++17 -Wold-style-cast"; do
        # shellcheck disable=SC2086 # the compiler and its options are words
        if ! printf '%s\n%s\nextern int nothing;\n' "$line" "$line" |
            $compile -pedantic-errors -Wall -Wextra -Werror -Wundef -Iinclude -fsyntax-only -; then
            echo "$header:1: does not compile alone with: $compile" >&2
            failed=1
        fi
    done
    # What C++ may call must not be mangled.
    if grep -q 'OCELOT_API' "$header" && ! grep -q 'extern "C"' "$header"; then
        echo "$header:1: declares functions without extern \"C\"" >&2
        failed=1
    fi
    # The umbrellas, of the core and of the analysis library, show everything.
    name=$(basename "$header")
    if [ "$name" != ocelot.h ] && ! $cc -Iinclude -MM -x c include/ocelot/ocelot.h include/ocelot/analysis.h | tr ' ' '\n' | grep "ocelot/$name" >/dev/null; then
        echo "include/ocelot/ocelot.h:1: neither this nor ocelot/analysis.h includes ocelot/$name" >&2
        failed=1
    fi
    count=$((count + 1))
done
[ "$failed" = 0 ] && echo "headers: $count public headers compile alone as C11 and C++17"
exit "$failed"
