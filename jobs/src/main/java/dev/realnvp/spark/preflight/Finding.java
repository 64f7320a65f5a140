package dev.realnvp.spark.preflight;

/**
 * What a check found.
 *
 * @param level how bad it is
 * @param subject what was looked at, in a word
 * @param message one line: what was got, and what to change where it is not as it should be
 */
public record Finding(Level level, String subject, String message) {

  static Finding ok(String subject, String message) {
    return new Finding(Level.OK, subject, message);
  }

  static Finding warning(String subject, String message) {
    return new Finding(Level.WARNING, subject, message);
  }

  static Finding error(String subject, String message) {
    return new Finding(Level.ERROR, subject, message);
  }

  /** Whether it is an error that may be gone later: executors come, and disks get room. */
  public boolean mayPass() {
    return level == Level.ERROR
        && (subject.equals(Preflight.EXECUTORS) || subject.equals(DiskCheck.SUBJECT));
  }

  /** {@code subject: message}. */
  public String line() {
    return subject + ": " + message;
  }
}
