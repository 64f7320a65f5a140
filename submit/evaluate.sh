#!/usr/bin/env bash
# all the other jobs' outputs -> evaluation/metrics.json
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
