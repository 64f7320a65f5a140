#!/usr/bin/env bash
# Injects faults into a real cluster, and checks that nothing is lost: a standalone master and two workers on 127.0.0.1.
# Trainings of the flow on it must end with the same model as an undisturbed training, bit for bit.
set -euo pipefail
# shellcheck source=submit/lib.sh
source "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
# shellcheck source=submit/chaos/cluster.sh
source "$realnvp_home/submit/chaos/cluster.sh"
# shellcheck source=submit/chaos/faults.sh
source "$realnvp_home/submit/chaos/faults.sh"

usage() {
  cat << TEXT
Usage: submit/chaos.sh [--data DIR] [--work DIR] [--only FAULT,...] [--fraction F] [--full] [--kills N]

Starts a standalone cluster on 127.0.0.1 and tries the faults:
  ${all_faults[*]}
Prints one line for each; the exit code is 1 if one did harm. The faults of disks need root, for small file systems in memory;
without root they are left out.

  --data DIR      images for the trainings, as for pipeline.sh; by default what that finds
  --work DIR      a folder for all files; by default a temporary one, which is removed if all went well
  --only FAULT    only some of the faults
  --fraction F    the share of the images to train on (0.2)
  --full          instead: the complete default pipeline, once undisturbed and once while executors are killed; compares test_nll
  --kills N       with --full, the least number of kills (10)
  --port N        the master's port (7177); its web page gets the next one
TEXT
}

data=()
only=
work=
fraction=0.2
full=
kills=10
port=7177
while (($# > 0)); do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --full)
      full=yes
      shift
      continue
      ;;
    --data | --work | --only | --fraction | --kills | --port) (($# > 1)) || fail "$1 needs a value" 2 ;;
    *) fail "Unknown option $1 (--help lists them)" 2 ;;
  esac
  case $1 in
    --data) data=(--data "$2") ;;
    --work) work=$2 ;;
    --only) only=${2//,/ } ;;
    --fraction) fraction=$2 ;;
    --kills) kills=$2 ;;
    --port) port=$2 ;;
  esac
  shift 2
done
web_port=$((port + 1))
for fault in $only; do
  [[ " ${all_faults[*]} " == *" $fault "* ]] || fail "There is no fault $fault; there are: ${all_faults[*]}" 2
done
for tool in curl pgrep; do
  command -v $tool > /dev/null || fail "chaos.sh needs $tool."
done

build_if_missing
use_embedded
# Of the drivers too.
export SPARK_HOME=$embedded_spark
find_java
temporary=
if [[ -z $work ]]; then
  work=$(mktemp -d)
  temporary=yes
fi
mkdir -p -- "$work/logs"
work=$(readlink -f -- "$work")
mounted=()

clean_up() {
  local disk
  stop_cluster
  for disk in ${mounted[@]+"${mounted[@]}"}; do
    umount -l -- "$disk" || true
  done
}
trap clean_up EXIT

# job SCRIPT OPTION...: on the cluster, two workers.
job() {
  local script=$1
  shift
  start driver "$realnvp_home/submit/$script" --master "$master_url" --conf spark.task.maxFailures=10 \
    --set train.workers=2 "$@"
}

# --- parts of the faults ---

# start_training [OPTION...]: starts a training of the flow in $out, with a new log $log.
start_training() {
  log=$work/logs/driver.log
  : > "$log"
  job train-flow.sh --run "$work/undisturbed" --output "$out/flow" --set "paths.checkpoints=$checkpoints" \
    --set flow.averaging-interval=20 "$@"
}

await_epoch() {
  await 180 epoch_done "$1" && runs driver
}

epoch_done() {
  grep -q "^ *epoch $1/" "$log" || ! runs driver
}

# Waits for the driver; then code has its exit code, and its log is beside the other ones.
finish_training() {
  code=0
  wait "${pids[driver]}" || code=$?
  unset "pids[driver]"
  cat -- "$log" >> "$work/logs/$fault.log"
}

succeeded() {
  [[ $code == 0 ]]
}

# failed_clearly CODE: one line that starts with error:, and no stack trace.
failed_clearly() {
  [[ $code == "$1" && $(grep -c '^error: ' "$log") == 1 ]] && ! grep -q '^[[:space:]]*at [a-z]' "$log"
}

last_error() {
  grep '^error: ' "$log" | tail -n 1 | cut -c 8-200
}

nothing_written() {
  [[ ! -e $out/flow ]]
}

model_id() {
  sed -n 's/^ *"id" : "\(.*\)",/\1/p' "$1/flow/manifest.json"
}

# The same parameters, bit for bit: a model's id is a hash of them.
is_undisturbed() {
  [[ $(model_id "$out") == "$(model_id "$work/undisturbed")" ]]
}

note() {
  notes="$*"
}

# with_small_disk FOLDER SIZE: a file system in memory; fails without root.
with_small_disk() {
  [[ $(id -u) == 0 ]] || return 1
  mkdir -p -- "$1"
  mount -t tmpfs -o "size=$2" tmpfs "$1" 2> /dev/null || return 1
  mounted+=("$1")
}

# --- running the faults ---

try() {
  local result=0 began=$SECONDS
  fault=$1
  out=$work/$fault
  checkpoints=$work/$fault-checkpoints
  notes=
  mkdir -p -- "$out"
  "$fault" || result=$?
  case $result in
    0) verdict=ok ;;
    2) verdict="left out: no file system could be mounted here" ;;
    *) verdict="FAILED: see $work/logs/$fault.log" && lost=yes ;;
  esac
  printf '%-18s %-8s %4d s  %s\n' "$fault" "$verdict" $((SECONDS - began)) "$notes"
}

lost=
all_of_them() {
  echo "==> chaos: an undisturbed run first, in $work"
  job pipeline.sh ${data[@]+"${data[@]}"} --run "$work/undisturbed" --set "ingest.fraction=$fraction" \
    --set autoencoder.epochs=1 --set classifier.epochs=1 --set flow.averaging-interval=20
  log=$work/logs/driver.log fault=undisturbed finish_training
  succeeded || fail "The undisturbed run failed; see $work/logs/undisturbed.log"
  for fault in ${only:-${all_faults[*]}}; do
    try "$fault"
  done
}

# --- the complete pipeline ---

metric() {
  sed -n "s/^ *\"$2\" : \([-0-9.eE]*\),\{0,1\}$/\1/p" "$1/evaluation/metrics.json"
}

# killed_all_the_while PAUSE: kills an executor every PAUSE seconds.
killed_all_the_while() {
  local killed=0
  job pipeline.sh ${data[@]+"${data[@]}"} --run "$work/killed"
  while runs driver; do
    sleep "$1"
    if kill_executor $((killed % 2 + 1)); then
      killed=$((killed + 1))
    fi
  done
  log=$work/logs/driver.log fault=killed finish_training
  succeeded || fail "The run with $killed kills failed; see $work/logs/killed.log"
  echo "    $killed executors killed"
  ((killed >= kills)) || fail "Only $killed executors were killed: give more images."
}

the_whole_pipeline() {
  local undisturbed disturbed began=$SECONDS pause
  echo "==> chaos: the whole pipeline, undisturbed, in $work/undisturbed"
  job pipeline.sh ${data[@]+"${data[@]}"} --run "$work/undisturbed"
  log=$work/logs/driver.log fault=undisturbed finish_training
  succeeded || fail "The undisturbed run failed; see $work/logs/undisturbed.log"
  : > "$work/logs/driver.log"
  # As many kills as requested fit into the time of an undisturbed run. Add some seconds: an executor must start, take the
  # lost one's rows, and make progress.
  pause=$(((SECONDS - began) / kills + 5))
  echo "==> chaos: the same with an executor killed every $pause s, in $work/killed"
  killed_all_the_while $pause
  undisturbed=$(metric "$work/undisturbed" test_nll)
  disturbed=$(metric "$work/killed" test_nll)
  echo "    test_nll: $undisturbed undisturbed, $disturbed with kills"
  awk -v a="$undisturbed" -v b="$disturbed" 'BEGIN { d = a - b; exit !(d < 0.3 && d > -0.3) }' || lost=yes
}

start_cluster
if [[ -n $full ]]; then
  the_whole_pipeline
else
  all_of_them
fi
[[ -z $lost ]] || fail "Something was lost: the logs are in $work/logs"
echo "==> chaos: nothing was lost"
if [[ -n $temporary ]]; then
  clean_up
  mounted=()
  rm -rf -- "$work"
fi
