#!/usr/bin/env bash
# Makes a Parquet table of random rows, to try trainings and scores of many rows on.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
build_if_missing
if [[ -n ${REALNVP_SPARK_ARGS:-} ]]; then
  REALNVP_SPARK_ARGS=$((REALNVP_SPARK_ARGS + 2))
fi
run_main dev.realnvp.jobs.bench.SyntheticTable --jars "${realnvp_jar%/*}/realnvp-bench.jar" "$@"
