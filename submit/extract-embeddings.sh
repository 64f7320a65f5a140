#!/usr/bin/env bash
# images/ and autoencoder/ -> embeddings/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job "$@"
