# shellcheck shell=bash
# A standalone cluster on 127.0.0.1: a master that recovers its state from a folder, and two workers of one core, each in
# its own JVM. Sourced by chaos.sh, which sets work (a folder), port and web_port.

declare -A pids=()
master_url=

# start NAME COMMAND...: in the background, its output in $work/logs/NAME.log.
start() {
  local name=$1
  shift
  "$@" >> "$work/logs/$name.log" 2>&1 < /dev/null &
  pids[$name]=$!
}

# await SECONDS COMMAND...: waits until the command succeeds; fails if it does not in time.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

runs() {
  kill -0 "${pids[$1]}" 2> /dev/null
}

# kill_hard NAME: SIGKILL, and forgets the process.
kill_hard() {
  if [[ -n ${pids[$1]:-} ]]; then
    kill -KILL "${pids[$1]}" 2> /dev/null || true
    wait "${pids[$1]}" 2> /dev/null || true
    unset "pids[$1]"
  fi
}

start_master() {
  master_url=spark://127.0.0.1:$port
  SPARK_DAEMON_JAVA_OPTS="-Drealnvp.log.console=info -Drealnvp.log.file=off -Dspark.worker.timeout=20 \
    -Dspark.deploy.recoveryMode=FILESYSTEM -Dspark.deploy.recoveryDirectory=$work/recovery" \
    start master "$realnvp_home/submit/spark-class" org.apache.spark.deploy.master.Master \
    --host 127.0.0.1 --port "$port" --webui-port "$web_port"
}

# start_worker N [LOCAL_DIR]
start_worker() {
  mkdir -p -- "$work/local$1"
  SPARK_LOCAL_DIRS=${2:-$work/local$1} start "worker$1" "$realnvp_home/submit/spark-class" \
    org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores 1 --memory 2g \
    --work-dir "$work/worker$1" "$master_url"
}

# Are so many workers alive, as the master says?
has_workers() {
  local state
  state=$(curl -s --max-time 2 "http://127.0.0.1:$web_port/json/") || return 1
  [[ $(grep -o '"aliveworkers" *: *[0-9]*' <<< "$state" | grep -o '[0-9]*$') == "$1" ]]
}

start_cluster() {
  start_master
  start_worker 1
  start_worker 2
  await 60 has_workers 2 || fail "The cluster did not come up; see $work/logs"
}

# The executors of worker N, as process ids.
executors_of() {
  pgrep -P "${pids[worker$1]:-0}" -f CoarseGrainedExecutorBackend || true
}

# Kills the executor of worker N; fails if there is none.
kill_executor() {
  local victim
  victim=$(executors_of "$1" | head -n 1)
  [[ -n $victim ]] && kill -KILL "$victim" 2> /dev/null
}

stop_cluster() {
  local name
  for name in "${!pids[@]}"; do
    # A worker's executors go with it.
    kill "${pids[$name]}" 2> /dev/null || true
  done
  for name in "${!pids[@]}"; do
    await 20 gone "${pids[$name]}" || kill -KILL "${pids[$name]}" 2> /dev/null || true
  done
}

gone() {
  ! kill -0 "$1" 2> /dev/null
}
