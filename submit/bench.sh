#!/usr/bin/env bash
# How fast the jobs are, next to PyTorch and to stock DL4J, or with --detection how well anomalies are found: a table and a JSON file.
# Times need an idle machine.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
build_if_missing
# Before minutes of measuring: two of the peers have no version for Spark 4.
[[ $line == 3.5 ]] || fail "The benchmark runs on Spark 3.5, which DL4J's stock master and the isolation forest are for; this is Spark $line." 2
# The benchmark calls other scripts, and the peer beside this one.
export REALNVP_HOME=$realnvp_home
# Two workers against two threads. A given --master comes after this one and overrides it.
if [[ -n ${REALNVP_SPARK_ARGS:-} ]]; then
  REALNVP_SPARK_ARGS=$((REALNVP_SPARK_ARGS + 4))
fi
run_main dev.realnvp.jobs.bench.Bench --master 'local[2]' --jars "${realnvp_jar%/*}/realnvp-bench.jar" "$@"
