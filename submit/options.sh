# shellcheck shell=bash
# spark-submit's own options, and the place of its primary resource among them. Sourced by lib.sh.

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
