#!/usr/bin/env bash
# consumer.sh BUILD CC CXX: installs BUILD into a temporary prefix, moves it, and builds and runs a program in C and one in C++ against it,
# by find_package and by pkg-config, shared and static.
set -euo pipefail
build=$1 cc=$2 cxx=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() {
    local what=$1
    shift
    if ! "$@" >"$work/said" 2>&1; then
        echo "consumer: $what failed: $*" >&2
        cat "$work/said" >&2
        exit 1
    fi
}

step "installing" cmake --install "$build" --prefix "$work/first"
mv "$work/first" "$work/prefix"
prefix=$work/prefix
libdir=$(dirname "$(find "$prefix" -name libocelot.a)")

step "configuring with find_package" cmake -S "$here/app" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx"
step "building with find_package" cmake --build "$work/cmake"
for program in c-shared c-static cxx-shared cxx-static analysis-shared analysis-static; do
    step "running $program" "$work/cmake/$program"
done

export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra flags <<<"$(pkg-config --cflags ocelot)"
read -ra shared <<<"$(pkg-config --libs ocelot)"
# With both libraries in one folder -locelot means the shared one: the archive is named.
read -ra static <<<"$(pkg-config --static --libs ocelot | sed 's/-locelot/-l:libocelot.a/')"
strict=(-Wall -Wextra -Werror -pedantic)
step "C, pkg-config, shared" "$cc" -std=c11 "${strict[@]}" "${flags[@]}" "$here/app/consumer.c" -o "$work/c-shared" "${shared[@]}" -lm
step "C, pkg-config, static" "$cc" -std=c11 "${strict[@]}" "${flags[@]}" "$here/app/consumer.c" -o "$work/c-static" "${static[@]}"
step "C++, pkg-config, shared" "$cxx" -std=c++17 "${strict[@]}" "${flags[@]}" "$here/app/consumer.cpp" -o "$work/cxx-shared" "${shared[@]}"
step "C++, pkg-config, static" "$cxx" -std=c++17 "${strict[@]}" "${flags[@]}" "$here/app/consumer.cpp" -o "$work/cxx-static" "${static[@]}"
# The analysis library, likewise; a program that links its shared form names neither GSL nor the core.
read -ra flags <<<"$(pkg-config --cflags ocelot-analysis)"
read -ra shared <<<"$(pkg-config --libs ocelot-analysis)"
read -ra static <<<"$(pkg-config --static --libs ocelot-analysis | sed 's/-locelot-analysis/-l:libocelot-analysis.a/; s/-locelot\b/-l:libocelot.a/')"
step "C, pkg-config, analysis, shared" "$cc" -std=c11 "${strict[@]}" "${flags[@]}" "$here/app/analysis.c" -o "$work/analysis-shared" "${shared[@]}" -lm
step "C, pkg-config, analysis, static" "$cc" -std=c11 "${strict[@]}" "${flags[@]}" "$here/app/analysis.c" -o "$work/analysis-static" "${static[@]}"
[[ " ${shared[*]} " != *gsl* ]] || { echo "consumer: ocelot-analysis.pc hands GSL on to programs that link the shared library" >&2; exit 1; }
for program in c-shared cxx-shared analysis-shared; do
    step "running $program" env LD_LIBRARY_PATH="$libdir" "$work/$program"
    ldd "$work/$program" | grep 'libocelot\.so\.0' >/dev/null || { echo "consumer: $program does not use libocelot.so.0" >&2; exit 1; }
done
for program in c-static cxx-static analysis-static; do
    step "running $program" "$work/$program"
    ! ldd "$work/$program" | grep libocelot >/dev/null || { echo "consumer: $program is not linked statically with libocelot" >&2; exit 1; }
done
for package in ocelot ocelot-analysis; do
    [ "$(pkg-config --modversion $package)" = "$(sed -nE 's/.*VERSION_TEXT "(.*)"/\1/p' "$prefix/include/ocelot/version.h")" ] ||
        { echo "consumer: $package.pc and version.h disagree" >&2; exit 1; }
done
# The core carries no GSL: it stays BSD.
! ldd "$libdir/libocelot.so" | grep gsl >/dev/null || { echo "consumer: libocelot.so links GSL" >&2; exit 1; }
LD_LIBRARY_PATH=$libdir ldd "$libdir/libocelot-analysis.so" | grep gsl >/dev/null || { echo "consumer: libocelot-analysis.so does not link GSL" >&2; exit 1; }

# Every public header of the sources was installed, and the commands run where they were put.
diff <(cd "$here/../../include/ocelot" && ls) <(cd "$prefix/include/ocelot" && ls) ||
    { echo "consumer: src/package/CMakeLists.txt does not install these headers" >&2; exit 1; }
for command in ocelot svm-explain; do
    step "running the installed $command" "$prefix/bin/$command" --help
    [ -s "$prefix/share/man/man1/$command.1" ] || { echo "consumer: no man page of $command" >&2; exit 1; }
done
echo "consumer: C and C++, CMake and pkg-config, shared and static"
