#!/usr/bin/env bash
# flow/ and, if it exists, autoencoder/ -> samples/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
