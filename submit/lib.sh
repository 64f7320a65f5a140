# shellcheck shell=bash
# Shared by the scripts of this folder and conf/spark-env.sh. Sourced; defines variables and functions, runs nothing.

realnvp_home=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd -P)

# fail MESSAGE [CODE]: one line, like the jobs' errors. Code 1 is failed, 2 is wrong usage.
fail() {
  echo "error: $1" >&2
  exit "${2:-1}"
}

# use_line LINE: the build for this line of Spark, 3.5 or 4. The two lie in folders of their own.
use_line() {
  line=$1
  case $line in
    3.5)
      scala=2.12 newest_java=23 profile=
      realnvp_jar=$realnvp_home/jobs/target/realnvp-spark.jar
      embedded_spark=$realnvp_home/target/spark
      ;;
    4)
      scala=2.13 newest_java=25 profile=-Pspark-4
      realnvp_jar=$realnvp_home/jobs/target/spark-4/realnvp-spark_4_2.13.jar
      embedded_spark=$realnvp_home/target/spark-4/spark
      ;;
  esac
  shared_classes=$embedded_spark/classes.jsa
}

# use_embedded: the build whose Spark SPARK_HOME is; else the one for Spark 3.5, unless only that for Spark 4 has been made.
use_embedded() {
  local candidate
  for candidate in 3.5 4; do
    use_line $candidate
    if is_embedded "${SPARK_HOME:-}"; then
      return 0
    fi
  done
  for candidate in 3.5 4; do
    use_line $candidate
    if is_built; then
      return 0
    fi
  done
  use_line 3.5
}

# Is $1 the Spark of the chosen build, which need not have been made yet?
is_embedded() {
  [[ $1 == "$embedded_spark" || $1 -ef $embedded_spark ]]
}

# use_spark HOME: the build that fits the Spark there; fails if none does. Sets spark to what that Spark is.
use_spark() {
  local core
  spark='a Spark of unknown version'
  for core in "$1"/jars/spark-core_*.jar; do
    [[ ! -e $core ]] || core=${core##*/spark-core_} spark="Spark ${core#*-}" spark="${spark%.jar} for Scala ${core%%-*}"
  done
  case $spark in
    'Spark 3.5.'*' for Scala 2.12') use_line 3.5 ;;
    'Spark 4.0.0'*) return 1 ;;
    'Spark 4.0.'*' for Scala 2.13') use_line 4 && newest_java=23 ;;
    'Spark 4.'*' for Scala 2.13') use_line 4 ;;
    'Spark '*) return 1 ;;
    *) use_line 3.5 ;;
  esac
}

# find_spark: sets installed to the spark-submit of an installed Spark, or to nothing if the embedded one is to be used, and chooses
# the build that fits. Sets passed_over to what there is to say about others on the PATH.
find_spark() {
  local candidate usable='Spark 3.5 for Scala 2.12, or 4.0.1 or newer for Scala 2.13, is needed.'
  installed='' passed_over=''
  use_embedded
  if is_embedded "${SPARK_HOME:-}"; then
    return 0
  fi
  if [[ -n ${SPARK_HOME:-} ]]; then
    installed=$SPARK_HOME/bin/spark-submit
    [[ -x $installed ]] || fail "SPARK_HOME is $SPARK_HOME, but there is no bin/spark-submit in it."
    use_spark "$SPARK_HOME" || fail "SPARK_HOME is $SPARK_HOME, which is $spark: $usable"
    return 0
  fi
  while IFS= read -r candidate; do
    candidate=$(readlink -f -- "$candidate")
    if [[ $candidate == "$realnvp_home/submit/spark-submit" ]]; then
      continue
    fi
    if ! use_spark "$(dirname -- "$candidate")/.."; then
      passed_over+="Passing over $candidate, which is $spark: $usable"$'\n'
    elif [[ $line != 3.5 && ! -f $realnvp_jar ]]; then
      passed_over+="Passing over $candidate, which is $spark: there is no ${realnvp_jar##*/} yet (mvn $profile package)."$'\n'
    else
      installed=$candidate
      return 0
    fi
  done < <(type -aP spark-submit)
  use_embedded
}

# Sets java as Spark does: JAVA_HOME comes before the PATH. The line of Spark has been chosen before.
find_java() {
  local version
  java=${JAVA_HOME:+$JAVA_HOME/bin/java}
  java=${java:-$(command -v java || true)}
  if [[ -z $java || ! -x $java ]]; then
    fail "There is no ${java:-java}: JDK 17 to $newest_java is needed (on the PATH, or in JAVA_HOME)."
  fi
  # The scripts call one another.
  [[ ${REALNVP_JAVA:-} != "$java $newest_java" ]] || return 0
  version=$("$java" -version 2>&1 | sed -n 's/^.* version "\([0-9]*\).*/\1/p')
  # Java 24 removed the security manager; without it the Hadoop of Spark 3.5 and 4.0 finds no user.
  if [[ -z $version ]] || ((version < 17 || version > newest_java)); then
    fail "$java is Java ${version:-of unknown version}: JDK 17 to $newest_java is needed (JAVA_HOME chooses one)."
  fi
  export REALNVP_JAVA="$java $newest_java"
}

# Unless the locale is a UTF-8 one, Java cannot open files whose names are not ASCII.
set_locale() {
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} in
    C | POSIX) export LC_ALL=C.UTF-8 ;;
  esac
}

# find_logs: sets logs to a folder that only this user can write to, so that nobody else can put a link there under a log's name.
find_logs() {
  for logs in "$realnvp_home/logs" "${XDG_STATE_HOME:-${HOME:-/nonexistent}/.local/state}/realnvp-spark/logs"; do
    if (umask 077 && mkdir -p -- "$logs" 2> /dev/null) && [[ ! -L $logs && -O $logs && -w $logs ]] &&
      [[ -z $(find "$logs" -maxdepth 0 -perm -002) ]]; then
      prune_logs "$logs"
      return 0
    fi
  done
  logs=$(mktemp -d "${TMPDIR:-/tmp}/realnvp-spark-XXXXXXXX") || fail "There is no folder for logs: give HOME or TMPDIR room."
}

# prune_logs FOLDER: removes logs that nothing was written to for a day, except the newest 40 files, at most 400 MB in total.
prune_logs() {
  local kilobytes file count=0 sum=0
  while read -r kilobytes file; do
    count=$((count + 1)) sum=$((sum + kilobytes))
    if ((count > 40 || sum > 400 * 1024)); then
      find "$1/$file" -mtime +0 -delete || true
    fi
  done < <(cd -- "$1" && ls -tsk -- *-[0-9]*-[0-9]*.log* 2> /dev/null)
}

# Sets the environment of every JVM that is started from here. $1 names the log file; each process has its own.
set_environment() {
  local logs
  set_locale
  # Absolute, because executors run in other folders.
  SPARK_CONF_DIR=$(readlink -f -- "${SPARK_CONF_DIR:-$realnvp_home/conf}")
  export SPARK_CONF_DIR
  if [[ -z ${REALNVP_LOG_FILE:-} ]]; then
    find_logs
    # Processes in different containers can have the same id, but not the same host name.
    REALNVP_LOG_FILE=$logs/$1-$(date +%Y%m%d-%H%M%S)-${HOSTNAME%%.*}-$$.log
  fi
  # Read by conf/log4j2.properties. A standalone master's or worker's log stays on its own output.
  export REALNVP_LOG_FILE
  # The same as a pattern, in which a percent sign is doubled.
  export REALNVP_LOG_PATTERN=${REALNVP_LOG_FILE//%/%%}
  export REALNVP_LOG_CONSOLE=${REALNVP_LOG_CONSOLE:-warn} REALNVP_LOG_LEVEL=${REALNVP_LOG_LEVEL:-info}
  export SPARK_DAEMON_JAVA_OPTS=${SPARK_DAEMON_JAVA_OPTS:--Drealnvp.log.console=info -Drealnvp.log.file=off}
}

fail_unbuilt() {
  fail "Not built yet for Spark $line: run  mvn -f $(printf %q "$realnvp_home") ${profile:+$profile }-DskipTests package"
}

# Is there an archive of the classes that jobs load, as submit/share-classes.sh makes it, and may jobs be started with it? An edited
# conf/pipeline.conf or another folder has to come before the jar on the class path, which the archive does not allow.
have_shared_classes() {
  [[ -n ${REALNVP_SHARED_CLASSES:-} || -f $shared_classes ]] &&
    [[ $SPARK_CONF_DIR -ef $realnvp_home/conf && ! $SPARK_CONF_DIR/pipeline.conf -nt $realnvp_jar ]]
}

is_built() {
  [[ -f $realnvp_jar && -f $embedded_spark/RELEASE ]]
}

# Builds the project for the Spark that will be used if that has not been done; says so, because it takes a minute or two.
build_if_missing() {
  local log=$realnvp_home/logs/build.log
  find_spark
  if is_built; then
    return 0
  fi
  command -v mvn > /dev/null || fail "Not built yet, and there is no mvn on the PATH: Maven 3.8 or newer is needed."
  find_java
  set_locale
  mkdir -p -- "$realnvp_home/logs"
  echo "Building realnvp-spark (mvn ${profile:+$profile }package; log: $log)"
  if ! mvn -B -q $profile -DskipTests -Darchive.skip -f "$realnvp_home/pom.xml" package > "$log" 2>&1 < /dev/null; then
    tail -n 20 -- "$log" >&2
    fail "The build failed; all of it is in $log"
  fi
}

# Does this option of spark-submit take the next word as its value?
takes_value() {
  case $1 in
    --master | --deploy-mode | --class | --name | --conf | -c | --properties-file) return 0 ;;
    --jars | --packages | --exclude-packages | --repositories | --py-files | --files | --archives) return 0 ;;
    --driver-memory | --driver-cores | --driver-java-options | --driver-library-path | --driver-class-path) return 0 ;;
    --executor-memory | --executor-cores | --total-executor-cores | --num-executors) return 0 ;;
    --proxy-user | --principal | --keytab | --queue | --kill | --status) return 0 ;;
    *) return 1 ;;
  esac
}

# Is this an option of spark-submit that no job has, with its value after a "=" or without a value?
is_flag() {
  case $1 in
    --supervise | --verbose) return 0 ;;
    --?*=*) takes_value "${1%%=*}" ;;
    *) return 1 ;;
  esac
}

# Sets primary_index to the place (from 0) of the primary resource in spark-submit's arguments: the first word that is neither an
# option nor an option's value. If there is none, to the number of arguments.
find_primary() {
  primary_index=0
  while (($# > 0)); do
    if takes_value "$1" && (($# > 1)); then
      shift
      primary_index=$((primary_index + 1))
    elif [[ $1 != -* ]]; then
      return 0
    fi
    shift
    primary_index=$((primary_index + 1))
  done
}

# Is $2 one of the job scripts in the folder $1, by any path or link? The libraries there are not executable.
is_job_script() {
  [[ $2 == *.sh && -x $2 && $(readlink -f -- "$2") == "$(readlink -f -- "$1")"/* ]]
}

# In spark-submit's arguments "${@:2}", is the primary resource a job script in the folder $1?
names_job_script() {
  local folder=$1 primary_index
  shift
  find_primary "$@"
  ((primary_index < $#)) && is_job_script "$folder" "${@:primary_index+1:1}"
}

# Splits a job script's arguments into spark_options and job_options. Called directly, spark-submit's options may stand
# anywhere between the job's own; through spark-submit, REALNVP_SPARK_ARGS counts those that stood before the script.
split_options() {
  spark_options=()
  job_options=()
  if [[ -n ${REALNVP_SPARK_ARGS:-} ]]; then
    spark_options=("${@:1:REALNVP_SPARK_ARGS}")
    job_options=("${@:REALNVP_SPARK_ARGS+1}")
    unset REALNVP_SPARK_ARGS
    return 0
  fi
  while (($# > 0)); do
    if [[ $1 == --* ]] && takes_value "$1"; then
      (($# > 1)) || fail "$1 needs a value" 2
      spark_options+=("$1" "$2")
      shift
    elif is_flag "$1"; then
      spark_options+=("$1")
    else
      job_options+=("$1")
    fi
    shift
  done
}

# setting_in FILE NAME: prints the value of one of Spark's settings, or nothing.
setting_in() {
  sed -n "s/^[[:space:]]*${2//./[.]}[[:space:]=:]\+\(.*\)/\1/p" -- "$1" | tail -n 1
}

# find_defaults WORD...: sets site_defaults to the file of settings that spark-submit would read with these arguments if it were not for this
# project: that of --properties-file, which must be readable, else spark-defaults.conf of SPARK_CONF_DIR, else of the installed Spark. To nothing if there is
# none. project_defaults is this project's own, which is laid under it. find_spark has been called before.
find_defaults() {
  local folder=${SPARK_CONF_DIR:-}
  project_defaults=$realnvp_home/conf/spark-defaults.conf site_defaults=''
  if [[ -z $folder || $folder -ef $realnvp_home/conf ]]; then
    folder=${installed:+$(dirname -- "$installed")/../conf}
  fi
  [[ -z $folder ]] || site_defaults=$folder/spark-defaults.conf
  while (($# > 0)); do
    case $1 in
      --properties-file) site_defaults=${2:-} ;;&
      --properties-file=*) site_defaults=${1#*=} ;;&
      --properties-file*) [[ -r $site_defaults ]] || fail "--properties-file: $site_defaults cannot be read." 2 ;;
    esac
    shift
  done
  if [[ ! -r $site_defaults || $site_defaults -ef $project_defaults ]]; then
    site_defaults=''
  fi
}

# chosen OPTION SETTING WORD...: prints the value that spark-submit chooses: OPTION's among its arguments, else --conf SETTING's, else that
# of the files that find_defaults found. Nothing if there is none.
chosen() {
  local option=$1 setting=$2 by_option='' by_conf='' file by_file=''
  shift 2
  for file in "$project_defaults" ${site_defaults:+"$site_defaults"}; do
    by_file=$(setting_in "$file" "$setting" | grep . || echo "$by_file")
  done
  while (($# > 0)); do
    case $1 in
      "$option") by_option=${2:-} ;;
      "$option"=*) by_option=${1#*=} ;;
      --conf | -c) [[ ${2:-} != "$setting"=* ]] || by_conf=${2#*=} ;;
      --conf="$setting"=*) by_conf=${1#*=*=} ;;
    esac
    shift
  done
  echo "${by_option:-${by_conf:-$by_file}}"
}

# find_driver WORD...: sets resource to the jar as the driver will find it with these options of spark-submit, and driver to where that will be:
# to here, pod, worker or yarn.
find_driver() {
  local master
  resource=$realnvp_jar driver=here
  find_defaults "$@"
  [[ $(chosen --deploy-mode spark.submit.deployMode "$@") == cluster ]] || return 0
  master=$(chosen --master spark.master "$@")
  case $master in
    # In the image, which submit/kubernetes/Dockerfile makes.
    k8s://*) driver=pod resource=local:///opt/realnvp-spark${realnvp_jar#"$realnvp_home"} ;;
    # In the same folder of each machine. Spark gives a driver on a worker none of the options without which it fails on JDK 17.
    spark://*) driver=worker spark_options+=(--driver-java-options "$(module_options) $(chosen --driver-java-options spark.driver.extraJavaOptions "$@")") ;;
    yarn) driver=yarn ;;
    *) fail "--deploy-mode cluster needs a cluster (--master yarn, spark://HOST:PORT or k8s://URL), got --master ${master:-local[*]}." 2 ;;
  esac
}

# Prints what Spark's launcher gives a JVM for JDK 17.
module_options() {
  local home=$embedded_spark
  [[ -z $installed ]] || home=$(dirname -- "$installed")/..
  find_java
  SPARK_HOME=$home SPARK_SCALA_VERSION=$scala "$java" -Xmx128m -cp "$home/jars/*" org.apache.spark.launcher.Main \
    org.apache.spark.deploy.SparkSubmit --class Any any.jar | tr '\0' '\n' | grep -E '^(--add-opens=|-XX:\+IgnoreUnrecognizedVMOptions)' | tr '\n' ' '
}

# end_like_driver CODE: Spark's clients for Kubernetes and, before Spark 4, for standalone clusters end with 0 however the driver ended, but they
# log it. CODE is the client's, which counts if it failed itself.
end_like_driver() {
  local state name
  case $driver in
    yarn)
      state=$(last_logged 's/^.*\(exited with status\|exitCode:\) \([0-9]*\).*/\2/p')
      name=$(last_logged 's/^.*Submitted application \(application_[0-9_]*\).*/\1/p')
      [[ $1 != 0 && -n $name ]] || exit "$1"
      # The codes that are a job's.
      [[ $state == [1234] ]] || state=1
      fail "the driver ended with exit code $state: yarn logs -applicationId $name says why." "$state"
      ;;
    pod)
      state=$(last_logged 's/^[[:space:]]*exit code: \([0-9]*\)$/\1/p')
      name=$(last_logged 's/^[[:space:]]*pod name: //p')
      [[ -n $state || $1 == 0 ]] || exit "$1"
      [[ -n $state ]] || fail "how the driver ended is not known: it is not in ${REALNVP_LOG_FILE}."
      [[ $state == 0 ]] || fail "the driver ended with exit code $state: kubectl logs $name says why." "$state"
      ;;
    worker)
      state=$(last_logged 's/^.*State of driver driver-[^ ]* is \([A-Z]*\).*/\1/p')
      [[ -n $state || $1 == 0 ]] || exit "$1"
      [[ $state == FINISHED ]] || fail "the driver ended as ${state:-unknown}: its stderr, in a worker's work folder, says why."
      ;;
  esac
  exit 0
}

last_logged() {
  [[ ! -r $REALNVP_LOG_FILE ]] || sed -n "$1" -- "$REALNVP_LOG_FILE" | tail -n 1
}

# run_job [ARGUMENT...]: runs the job that is called as the script is; never returns.
run_job() {
  run_main dev.realnvp.jobs.Jobs "$@"
}

# run_main MAIN_CLASS [ARGUMENT...]: never returns.
run_main() {
  local main=$1 name code
  shift
  name=$(basename -- "$(readlink -f -- "$0")" .sh)
  split_options "$@"
  [[ $main != dev.realnvp.jobs.Jobs ]] || job_options=("$name" ${job_options[@]+"${job_options[@]}"})
  find_spark
  [[ -f $realnvp_jar ]] || fail_unbuilt
  find_driver ${spark_options[@]+"${spark_options[@]}"}
  set -- "$realnvp_home/submit/spark-submit" ${spark_options[@]+"${spark_options[@]}"} \
    --class "$main" "$resource" ${job_options[@]+"${job_options[@]}"}
  if [[ $driver != here ]]; then
    set_environment "$name"
    code=0
    "$@" || code=$?
    end_like_driver $code
  fi
  REALNVP_LOG_NAME=$name exec "$@"
}
