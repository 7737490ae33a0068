#!/usr/bin/env bash
# Every C file is laid out as .clang-format says.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v clang-format >/dev/null; then
    echo "format: skipped, clang-format is not installed"
    exit 77
fi
found=$(find src include apps tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror 2>&1 | grep -E 'error:' || true)
if [ -z "$found" ]; then
    echo "format: every file is as clang-format makes it"
    exit 0
fi
echo "$found" >&2
echo "format: run  find src include apps tests -name '*.[ch]' | xargs clang-format -i" >&2
exit 1
