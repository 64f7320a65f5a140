#!/usr/bin/env bash
# What every job checks before its work, alone: lists all that it found.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job dev.realnvp.jobs.Doctor "$@"
