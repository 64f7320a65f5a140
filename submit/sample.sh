#!/usr/bin/env bash
# flow/, autoencoder/ and, if there, classifier/ -> samples/
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
run_job dev.realnvp.jobs.Sample "$@"
