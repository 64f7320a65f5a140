package dev.realnvp.spark.preflight;

import dev.realnvp.spark.failure.TransientFailures;
import java.io.Serializable;
import org.apache.commons.lang3.exception.ExceptionUtils;

/**
 * The result of a check.
 *
 * @param level its severity
 * @param subject what was checked, in a word
 * @param got the observed value
 * @param remedy what to change; empty for nothing
 * @param isTransient whether it is a temporary error: executors may come, disks may get free space
 */
public record Finding(
    Severity level, String subject, String got, String remedy, boolean isTransient)
    implements Serializable {

  static Finding ok(String subject, String got) {
    return new Finding(Severity.OK, subject, got, "", false);
  }

  static Finding warning(String subject, String got, String remedy) {
    return new Finding(Severity.WARNING, subject, got, remedy, false);
  }

  static Finding error(String subject, String got, String remedy) {
    return new Finding(Severity.ERROR, subject, got, remedy, false);
  }

  /** An error with its reason, which is temporary if its cause is. */
  static Finding error(String subject, String got, Throwable cause, String remedy) {
    return new Finding(
        Severity.ERROR,
        subject,
        "%s (%s)".formatted(got, reason(cause)),
        remedy,
        TransientFailures.is(cause));
  }

  /** The same on some processes. */
  Finding on(String processes) {
    return new Finding(level, subject, got + " on " + processes, remedy, isTransient);
  }

  /** One line: what was got, and what to change if it is wrong. */
  public String message() {
    return remedy.isEmpty() ? got : got + ": " + remedy;
  }

  /** {@code subject: message}. */
  public String line() {
    return subject + ": " + message();
  }

  /** The innermost exception's name, and the first line of its message. */
  static String reason(Throwable e) {
    return ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
  }
}
