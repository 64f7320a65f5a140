#!/usr/bin/env bash
# Runs only the checks that every job makes before its work, and lists every result.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
