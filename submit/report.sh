#!/usr/bin/env bash
# A run on one HTML page: curves, pictures, densities, provenance; of what is there, at any time.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job dev.realnvp.jobs.Report "$@"
