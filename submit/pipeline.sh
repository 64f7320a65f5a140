#!/usr/bin/env bash
# All jobs in one Spark session, from the data to the metrics; builds the project first if that has not been done.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
build_if_missing
run_job "$@"
