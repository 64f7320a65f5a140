#!/usr/bin/env bash
# Shows a run on one HTML page, at any time: curves, pictures, densities, provenance of what exists so far.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
