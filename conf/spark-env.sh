# shellcheck shell=bash
# Sourced by stock Spark's scripts with SPARK_CONF_DIR=conf. Two things, both done by submit/spark-submit too.

# Spark exports every variable that is set here. Switch that off: lib.sh exports what others need.
set +a
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../submit/lib.sh"

# 1. spark-submit [SPARK OPTIONS] submit/train-ae.sh [OPTIONS]. Spark itself would open the script as a jar. But it sources
#    this file with its own arguments, so the script can run instead. It calls spark-submit again, with the jar.
if [[ ${1-} == org.apache.spark.deploy.SparkSubmit ]] && names_job_script "$realnvp_home/submit" "${@:2}"; then
  exec "$realnvp_home/submit/spark-submit" "${@:2}"
fi

# 2. The environment of a driver, and of a standalone worker and its executors.
use_spark "${SPARK_HOME:-}" || fail "The jobs run on Spark 3.5 and on Spark 4.0.1 and newer; this is $spark."
find_java
set_environment spark
set -a
