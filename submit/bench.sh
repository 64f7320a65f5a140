#!/usr/bin/env bash
# How fast it all is, next to PyTorch and to DL4J as it comes: a table and a JSON file. Wants a machine that does nothing else.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
build_if_missing
# The benchmark calls other scripts, and the peer beside this one.
export REALNVP_HOME=$realnvp_home
# Two workers against two threads; a --master that is given stands behind this one, and wins.
if [[ -n ${REALNVP_SPARK_ARGS:-} ]]; then
  REALNVP_SPARK_ARGS=$((REALNVP_SPARK_ARGS + 4))
fi
run_job dev.realnvp.jobs.bench.Bench --master 'local[2]' --jars "${realnvp_jar%/*}/realnvp-bench.jar" "$@"
