# shellcheck shell=bash
# The faults, one function each: it starts a training (or a job that writes), injects the fault while that runs, and returns
# whether everything went as required. Sourced by chaos.sh. note TEXT says what happened, for the table.

all_faults=(executor-kill worker-restart master-restart driver-kill slow-worker straggler
  output-disk-full local-disk-full local-disk-fills output-read-only two-writers)

# An executor is killed after every other epoch; each time another one.
executor-kill() {
  local kills=0 epoch
  start_training
  for epoch in 1 3 5 7 9; do
    await_epoch $epoch || break
    if await 30 kill_executor $((kills % 2 + 1)); then
      kills=$((kills + 1))
    fi
  done
  finish_training
  note "$kills executors killed"
  ((kills >= 5)) && succeeded && is_undisturbed
}

# A worker dies with its executor, and comes back.
worker-restart() {
  start_training
  await_epoch 2
  kill_worker 1
  start_worker 1
  await_epoch 5
  kill_worker 2
  start_worker 2
  finish_training
  note "both workers killed and started again"
  succeeded && is_undisturbed
}

kill_worker() {
  local executor
  executor=$(executors_of "$1")
  kill_hard "worker$1"
  # shellcheck disable=SC2086 # one word a process
  [[ -z $executor ]] || kill -KILL $executor 2> /dev/null || true
}

# The master dies and recovers its state; executors work on meanwhile.
master-restart() {
  start_training
  await_epoch 2
  kill_hard master
  start_master
  await_epoch 4
  kill_executor 1 || true
  finish_training
  note "master killed and started again, then an executor killed"
  succeeded && is_undisturbed
}

# The driver is killed three times; the same command continues from the last checkpoint.
driver-kill() {
  local epoch
  for epoch in 2 4 6; do
    start_training
    await_epoch $epoch
    kill_hard driver
    nothing_written || return 1
  done
  start_training
  finish_training
  note "driver killed 3 times, in epochs 2, 4 and 6, and started again"
  succeeded && grep -q 'goes on in epoch' "$log" && is_undisturbed
}

# An executor is suspended for ten seconds.
slow-worker() {
  local executor
  start_training
  await_epoch 2
  executor=$(executors_of 1 | head -n 1)
  kill -STOP "$executor"
  sleep 10
  kill -CONT "$executor"
  finish_training
  note "an executor stopped for 10 s"
  succeeded && is_undisturbed
}

# An executor gets a tenth of the processor from epoch 2 on. With Spark's speculation the other one does its work too, and the
# training does not wait. Of two tasks, one must be enough to see that the other is slow.
straggler() {
  local executor slow speculated
  REALNVP_LOG_FILE=$work/logs/straggler-spark.log start_training --conf spark.speculation=true \
    --conf spark.speculation.interval=20ms --conf spark.speculation.quantile=0.5
  await_epoch 2
  executor=$(executors_of 1 | head -n 1)
  slow_down "$executor" &
  slow=$!
  finish_training
  kill "$slow" 2> /dev/null || true
  wait "$slow" 2> /dev/null || true
  kill -CONT "$executor" 2> /dev/null || true
  speculated=$(grep -c 'as speculatable' "$work/logs/straggler-spark.log")
  note "an executor ten times as slow; $speculated of its tasks run twice"
  ((speculated > 0)) && succeeded && is_undisturbed
}

# slow_down PID: lets a process run for a tenth of the time, for as long as it is there.
slow_down() {
  while kill -STOP "$1" 2> /dev/null; do
    sleep 0.45
    kill -CONT "$1" 2> /dev/null || return 0
    sleep 0.05
  done
}

# The file system of the output and of the checkpoints fills up while the training runs. With free space again, the same
# command completes the training.
output-disk-full() {
  with_small_disk "$out" 48m || return 2
  checkpoints=$out/checkpoints
  start_training
  await_epoch 2
  fill "$out"
  finish_training
  failed_clearly 3 && nothing_written || return 1
  note "said: $(last_error)"
  rm -f "$out/ballast"
  start_training
  finish_training
  succeeded && is_undisturbed
}

# Spark's local folder, which holds shuffles, fills up on one worker before the first shuffle.
local-disk-full() {
  full_local_disk has_begun
}

# It fills up later, while the rows are dealt: the first shuffle's files are there, the next one's or the file of rows is not.
local-disk-fills() {
  full_local_disk has_shuffles "$work/small-disk"
}

has_begun() {
  grep -q '^==> train-flow' "$log"
}

has_shuffles() {
  [[ -n $(find "$1" -name 'shuffle_*.data' -print -quit 2> /dev/null) ]]
}

# full_local_disk COMMAND...: a training with a small disk under one worker, which is filled when the command succeeds.
full_local_disk() {
  local disk=$work/small-disk
  # The executor's copy of the jar takes 140 MB of it.
  with_small_disk "$disk" 200m || return 2
  kill_worker 1
  start_worker 1 "$disk"
  await 60 has_workers 2
  start_training
  await 120 "$@" || true
  fill "$disk"
  finish_training
  kill_worker 1
  start_worker 1
  await 60 has_workers 2
  if succeeded; then
    note "the tasks ran on the worker with free space"
    is_undisturbed
    return
  fi
  failed_clearly 3 && nothing_written || return 1
  note "said: $(last_error)"
  start_training
  finish_training
  succeeded && is_undisturbed
}

fill() {
  dd if=/dev/zero of="$1/ballast" bs=1M 2> /dev/null || true
}

# The folder of the output becomes read-only while the training runs.
output-read-only() {
  with_small_disk "$out" 64m || return 2
  start_training
  await_epoch 2
  mount -o remount,ro "$out"
  finish_training
  failed_clearly 1 && nothing_written || return 1
  note "said: $(last_error)"
  mount -o remount,rw "$out"
  start_training
  finish_training
  succeeded && grep -q 'goes on\|are done' "$log" && is_undisturbed
}

# Jobs that write are started twice: at once, and while the first one works. The second one learns who is first, and every
# table is complete.
two-writers() {
  local script delay told=0 pairs=0
  for script in score extract-embeddings train-flow pipeline; do
    for delay in 0 3 9; do
      start_twice "$script" "$delay" || return 1
      pairs=$((pairs + 1))
      ! grep -q '^error: .* is being written by ' "$first_log" "$second_log" || told=$((told + 1))
      nothing_hidden || return 1
    done
  done
  note "$pairs pairs, in $told of them the second was told"
  ((told > 0)) && complete scores && complete embeddings
}

# start_twice JOB DELAY: starts the same command again after DELAY seconds. One of them does the work; the other one is refused
# or, if it came when all was done, says so.
start_twice() {
  local codes=() job=$1 place=$out/$1-$2 options=() name
  case $1 in
    score | extract-embeddings) options=(--run "$work/undisturbed" --output "$place") ;;
    train-flow)
      options=(--run "$work/undisturbed" --output "$place" --set "paths.checkpoints=$place-checkpoints" --set flow.epochs=3)
      ;;
    pipeline)
      options=(${data[@]+"${data[@]}"} --run "$place" --set "ingest.fraction=$fraction" --set autoencoder.epochs=1
        --set classifier.epochs=1 --set flow.epochs=1 --set sample.per-class=10)
      ;;
  esac
  first_log=$work/logs/first.log
  second_log=$work/logs/second.log
  : > "$first_log"
  : > "$second_log"
  start first "$realnvp_home/submit/$job.sh" --master 'local[1]' "${options[@]}"
  sleep "$2"
  start second "$realnvp_home/submit/$job.sh" --master 'local[1]' "${options[@]}"
  for name in first second; do
    code=0
    wait "${pids[$name]}" || code=$?
    unset "pids[$name]"
    codes+=("$code")
  done
  cat -- "$first_log" "$second_log" >> "$work/logs/$fault.log"
  [[ ${codes[0]} == 0 || ${codes[1]} == 0 ]] || return 1
  [[ ${codes[0]} == "${codes[1]}" ]] || refused_clearly || return 1
  [[ ${codes[0]} != "${codes[1]}" ]] || grep -q 'score: skipped' "$first_log" "$second_log"
}

# Of two logs, one has the one line.
refused_clearly() {
  [[ $(cat -- "$first_log" "$second_log" | grep -c '^error: ') == 1 ]] \
    && grep -hq '^error: .* \(is being written by\|exists already\)' "$first_log" "$second_log"
}

nothing_hidden() {
  [[ -z $(find "$out" -name '.*.tmp-*' -o -name '.*.old-*' -o -name '.*.lease-*' -o -name '.*.held-*') ]]
}

# complete TABLE: all tables of that kind have the rows of the undisturbed run's, by the files' own counts.
complete() {
  local job=score count
  [[ $1 == scores ]] || job=extract-embeddings
  count=$("${java:?}" -cp "$embedded_spark/jars/*" "$realnvp_home/submit/chaos/CountRows.java" \
    "$work/undisturbed/$1" "$out/$job"-* "$out"/pipeline-*/"$1" 2> /dev/null)
  [[ $(wc -l <<< "$count") == 7 && $(sort -u <<< "$count" | wc -l) == 1 ]]
}
