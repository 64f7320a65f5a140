#!/usr/bin/env bash
# embeddings/, or any Parquet with an array column -> flow/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
