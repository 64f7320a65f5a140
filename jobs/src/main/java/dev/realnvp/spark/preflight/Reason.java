package dev.realnvp.spark.preflight;

/** Wording of failures. */
final class Reason {

  private Reason() {}

  /** The first line of what the exception says, or its name. */
  static String of(Exception e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getMessage().lines().findFirst().orElse("");
  }
}
