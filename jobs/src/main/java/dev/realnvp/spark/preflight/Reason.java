package dev.realnvp.spark.preflight;

import org.apache.commons.lang3.exception.ExceptionUtils;

/** Wording of failures. */
final class Reason {

  private Reason() {}

  /** The innermost exception's name, and the first line of its message. */
  static String of(Throwable e) {
    return ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
  }
}
