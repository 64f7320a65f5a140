package dev.realnvp.spark.preflight;

import dev.realnvp.spark.failure.Passing;

/**
 * What a check found.
 *
 * @param level how bad it is
 * @param subject what was looked at, in a word
 * @param message one line: what was got, and what to change where it is not as it should be
 * @param mayPass whether it is an error that may be gone later: executors come, disks get room
 */
public record Finding(Level level, String subject, String message, boolean mayPass) {

  static Finding ok(String subject, String message) {
    return new Finding(Level.OK, subject, message, false);
  }

  static Finding warning(String subject, String message) {
    return new Finding(Level.WARNING, subject, message, false);
  }

  static Finding error(String subject, String message) {
    return new Finding(Level.ERROR, subject, message, false);
  }

  /** An error that may pass where its cause may. */
  static Finding error(String subject, String message, Throwable cause) {
    return new Finding(Level.ERROR, subject, message, Passing.is(cause));
  }

  /** {@code subject: message}. */
  public String line() {
    return subject + ": " + message;
  }
}
