package dev.realnvp.spark.preflight;

import java.util.List;

/** Checks the free space on the disks that are written to. */
final class DiskCheck {

  static final String SUBJECT = "disk";

  /** What a default run on MNIST writes. */
  static final long LEAST = 32L << 20;

  /** Enough for thirty such runs, larger data, or rows that Spark spills; less is a warning. */
  static final long AMPLE = 1L << 30;

  private DiskCheck() {}

  /** Checks Spark's local folders. */
  static List<Finding> local(List<ProcessFacts> processes) {
    return Verdict.lists(
        SUBJECT,
        processes,
        process ->
            process.local().stream()
                .map(space -> of(space, "name another spark.local.dir, or make room"))
                .distinct()
                .toList());
  }

  /** Checks a place for outputs. */
  static Finding output(FreeSpace space) {
    return of(space, "write elsewhere with --run, or make room").finding(SUBJECT, "");
  }

  private static Verdict of(FreeSpace space, String remedy) {
    String got = space.folder() + " has " + ByteSizes.of(space.free()) + " left";
    if (space.free() < LEAST) {
      return Verdict.error(got + ", less than " + ByteSizes.of(LEAST), remedy);
    }
    if (space.free() < AMPLE) {
      return Verdict.warning(got + ", less than " + ByteSizes.of(AMPLE), remedy);
    }
    return Verdict.ok(got);
  }
}
