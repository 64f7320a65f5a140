package dev.realnvp.spark.preflight;

import org.apache.commons.lang3.exception.ExceptionUtils;

/** Wording of failures. */
final class Reason {

  private Reason() {}

  /** The first line of what the innermost exception says, and the exception's name. */
  static String of(Throwable e) {
    return ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
  }
}
