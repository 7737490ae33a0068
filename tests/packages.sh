#!/usr/bin/env bash
# packages.sh SECTION...: installs the Debian packages of these sections of tests/packages.txt (build, test) that are missing. As root, or by sudo.
# Where there is no dpkg it only says what is needed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
wanted=()
for section in "$@"; do
    mapfile -t -O "${#wanted[@]}" wanted < <(awk -v s="[$section]" '/^\[/ { on = $0 == s; next } on && NF && !/^#/' "$here/packages.txt")
done
if ! command -v dpkg-query >/dev/null; then
    echo "packages: this is no Debian; what is needed is: ${wanted[*]}" >&2
    exit 0
fi
missing=()
for package in "${wanted[@]}"; do
    # Also "provided": clang is clang-14 somewhere, pkg-config is pkgconf.
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep 'ok installed' >/dev/null || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "packages: installing ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "packages: needs root to install them: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
