# shellcheck shell=bash
# The faults, a function each: it starts a training (or a job that writes), does harm while that goes on, and returns
# whether all went as it must. Sourced by chaos.sh. note TEXT says what happened, for the table.

all_faults=(executor-kill worker-restart master-restart driver-kill slow-worker
  output-disk-full local-disk-full output-read-only)

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

# The driver is killed three times; the same command goes on from the last checkpoint.
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

# An executor stands still for ten seconds.
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

# The file system of the output and of the checkpoints fills up while the training goes on. With room again, the same
# command ends the training.
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

# Spark's local folder, where shuffles go, fills up on one worker before there are any.
local-disk-full() {
  local disk=$work/small-disk
  # The executor's copy of the jar takes 140 MB of it.
  with_small_disk "$disk" 200m || return 2
  kill_worker 1
  start_worker 1 "$disk"
  await 60 has_workers 2
  start_training
  await 120 grep -q '^==> train-flow' "$log" || true
  fill "$disk"
  finish_training
  kill_worker 1
  start_worker 1
  await 60 has_workers 2
  if succeeded; then
    note "the tasks ran where there was room"
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

# The folder of the output becomes read-only while the training goes on.
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
