package dev.realnvp.spark.failure;

/**
 * A table has drifted, and the user asked to be told by the exit code. The message is one line for
 * the user. The program ends with code 4.
 */
public class DriftException extends RuntimeException {
  public DriftException(String message) {
    super(Text.line(message));
  }
}
