package dev.realnvp.spark.preflight;

import dev.realnvp.spark.failure.Passing;
import org.apache.commons.lang3.exception.ExceptionUtils;

/**
 * The result of a check.
 *
 * @param level its severity
 * @param subject what was checked, in a word
 * @param message one line: what was got, and what to change if it is wrong
 * @param mayPass whether it is a temporary error: executors may come, disks may get free space
 */
public record Finding(Severity level, String subject, String message, boolean mayPass) {

  static Finding ok(String subject, String message) {
    return new Finding(Severity.OK, subject, message, false);
  }

  static Finding warning(String subject, String message) {
    return new Finding(Severity.WARNING, subject, message, false);
  }

  static Finding error(String subject, String message) {
    return new Finding(Severity.ERROR, subject, message, false);
  }

  /** An error that is temporary if its cause is. */
  static Finding error(String subject, String message, Throwable cause) {
    return new Finding(Severity.ERROR, subject, message, Passing.is(cause));
  }

  /** {@code subject: message}. */
  public String line() {
    return subject + ": " + message;
  }

  /** The innermost exception's name, and the first line of its message. */
  static String reason(Throwable e) {
    return ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
  }
}
