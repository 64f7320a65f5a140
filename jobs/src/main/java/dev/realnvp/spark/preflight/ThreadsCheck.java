package dev.realnvp.spark.preflight;

/** Checks that products use one thread, because the workers already use all cores. */
final class ThreadsCheck {

  private static final String ONE = "1";

  private ThreadsCheck() {}

  static Verdict of(ProcessFacts process) {
    String got = "OMP_NUM_THREADS is " + process.threads();
    if (ONE.equals(process.threads())) {
      return Verdict.ok(got);
    }
    return Verdict.warning(
        got,
        "the workers already use all cores, so leave it out, or set it to 1, "
            + (process.isDriver()
                ? "in the environment"
                : "with --conf spark.executorEnv.OMP_NUM_THREADS=1"));
  }
}
