#!/usr/bin/env bash
# a table, or embeddings/, and flow/ -> scores/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
