#!/usr/bin/env bash
# Every shell script passes shellcheck.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v shellcheck >/dev/null; then
    echo "scripts: skipped, shellcheck is not installed"
    exit 77
fi
mapfile -t scripts < <(grep -rlE '^#!.*\b(bash|sh)$' .ci tests apps data docs --include='*' | sort)
shellcheck -x --severity=warning "${scripts[@]}"
echo "scripts: ${#scripts[@]} scripts pass shellcheck"
