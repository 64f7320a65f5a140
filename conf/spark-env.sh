# shellcheck shell=bash
# Sourced by stock Spark's scripts with SPARK_CONF_DIR=conf. Two things, both done by submit/spark-submit too.

# Spark exports all that is set here; what is only of use here goes into subshells and functions that are not exported.
set +a
realnvp_home=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd -P)

# 1. spark-submit [SPARK OPTIONS] submit/train-ae.sh [OPTIONS]. Spark itself would open the script as a jar; but it sources
#    this file with its own arguments, so the script can run in its place. It calls spark-submit again, with the jar.
# shellcheck source=submit/options.sh
source "$realnvp_home/submit/options.sh"
if [[ ${1-} == org.apache.spark.deploy.SparkSubmit ]] && names_job_script "$realnvp_home/submit" "${@:2}"; then
  exec "$realnvp_home/submit/spark-submit" "${@:2}"
fi

# 2. The native libraries' environment, for the driver and for the executors of a worker that is started here.
# shellcheck source=submit/native-env.sh
source "$realnvp_home/submit/native-env.sh"
set_native_env "${JAVA_HOME:+$JAVA_HOME/bin/}java" "$realnvp_home"
set -a
