#!/usr/bin/env bash
# a table, and the held-out rows of the one that flow/ was trained on -> comparison/metrics.json
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job dev.realnvp.jobs.Compare "$@"
