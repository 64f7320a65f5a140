#!/usr/bin/env bash
# images/ -> classifier/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
