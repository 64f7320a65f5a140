# shellcheck shell=bash
# Sourced by stock Spark's scripts with SPARK_CONF_DIR=conf.

# The site's own environment (HADOOP_CONF_DIR ...), and its folder on the class path, for its hive-site.xml.
if [[ -d ${SPARK_HOME:-}/conf && ! $SPARK_HOME/conf -ef $SPARK_CONF_DIR ]]; then
  if [[ -f $SPARK_HOME/conf/spark-env.sh ]]; then
    # shellcheck source=/dev/null
    source "$SPARK_HOME/conf/spark-env.sh"
  fi
  SPARK_DIST_CLASSPATH=${SPARK_DIST_CLASSPATH:+$SPARK_DIST_CLASSPATH:}$SPARK_HOME/conf
fi

# Two things more, both done by submit/spark-submit too.

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
