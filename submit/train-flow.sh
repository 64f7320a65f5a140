#!/usr/bin/env bash
# embeddings/, or any table -> flow/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
