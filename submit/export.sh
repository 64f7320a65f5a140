#!/usr/bin/env bash
# flow/ -> flow.npz, for other tools
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
