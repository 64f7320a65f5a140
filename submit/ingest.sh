#!/usr/bin/env bash
# IDX files or a folder of PNGs by class -> images/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
