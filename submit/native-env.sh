# shellcheck shell=bash
# The native libraries' environment, for the driver, a standalone worker, and through them the executors. Sourced by lib.sh.

# Which kernels the processor flags $1 (and vendor $2) allow, best first. OpenBLAS 0.3.19 does not know newer processors
# and falls back to its slowest kernels there, so it is told.
coretype_candidates() {
  local flags=" $1 " flag avx512=yes
  for flag in avx512f avx512dq avx512bw avx512vl avx512cd; do
    [[ $flags == *" $flag "* ]] || avx512=no
  done
  if [[ $avx512 == yes ]]; then
    echo SkylakeX
  fi
  if [[ $flags == *" avx2 "* && $flags == *" fma "* ]]; then
    if [[ $2 == AuthenticAMD ]]; then
      echo Zen
    fi
    echo Haswell
  fi
}

# The first candidate that computes right results on this machine; a crash is a failure like a wrong result.
checked_coretype() {
  local java=$1 jar=$2 candidate
  shift 2
  for candidate in "$@"; do
    if OPENBLAS_CORETYPE=$candidate OMP_NUM_THREADS=1 "$java" -Xmx256m -XX:-CreateCoredumpOnCrash \
      -XX:ErrorFile=/dev/null -cp "$jar" dev.realnvp.model.GemmCheck > /dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
}

# coretype JAVA JAR CPUINFO: prints the value for OPENBLAS_CORETYPE, or nothing. The verdict is kept in the user's cache,
# by processor and jar.
coretype() {
  local java=$1 jar=$2 cpuinfo=$3 vendor flags cache key verdict candidates checked
  [[ -r $cpuinfo && -r $jar ]] || return 0
  vendor=$(sed -n 's/^vendor_id[[:space:]]*: //p;/^$/q' "$cpuinfo")
  flags=$(sed -n 's/^flags[[:space:]]*: //p;/^$/q' "$cpuinfo")
  mapfile -t candidates < <(coretype_candidates "$flags" "$vendor")
  ((${#candidates[@]} > 0)) || return 0

  cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/realnvp-spark
  key=$({
    sed -n '/^\(vendor_id\|cpu family\|model\|model name\|stepping\|flags\)[[:space:]]*:/p;/^$/q' "$cpuinfo"
    stat -L -c '%s %Y' -- "$jar"
  } | cksum)
  verdict=$cache/openblas-coretype-${key// /-}
  if [[ -r $verdict ]]; then
    cat -- "$verdict"
    return
  fi
  checked=$(checked_coretype "$java" "$jar" "${candidates[@]}")
  if [[ -z $checked ]]; then
    echo "OpenBLAS failed its check as ${candidates[*]}: it chooses by itself, which may be slow." >&2
    return 0
  fi
  echo "$checked"
  # No cache, say in a read-only or full home, only costs the check again; so does a check that found nothing.
  if mkdir -p -- "$cache" 2> /dev/null && [[ -w $cache ]]; then
    { echo "$checked" > "$verdict.$$" && mv -f -- "$verdict.$$" "$verdict"; } 2> /dev/null || true
  fi
}

# set_native_env JAVA HOME: exports OMP_NUM_THREADS and, where there is a good value, OPENBLAS_CORETYPE, neither where the
# user has set it. An empty OPENBLAS_CORETYPE leaves the choice to OpenBLAS. JAVA runs the check, HOME is the project's folder.
set_native_env() {
  local chosen
  # Scripts call each other: what the first one decided stands.
  [[ -z ${REALNVP_NATIVE_ENV:-} ]] || return 0
  export REALNVP_NATIVE_ENV=set
  # One thread each: the workers already use all cores, and small products do not gain from more.
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
  if [[ -z ${OPENBLAS_CORETYPE+set} ]]; then
    chosen=$(coretype "$1" "$2/jobs/target/realnvp-spark.jar" /proc/cpuinfo)
    if [[ -n $chosen ]]; then
      export OPENBLAS_CORETYPE=$chosen
    fi
  elif [[ -z $OPENBLAS_CORETYPE ]]; then
    unset OPENBLAS_CORETYPE
  fi
}
