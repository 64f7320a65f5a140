package dev.realnvp.spark.data;

/**
 * An output was not put in its place, since it is not what was to be written, or is not this
 * program's to write. The message is one line for the user.
 */
public class OutputException extends RuntimeException {
  public OutputException(String message) {
    super(Text.line(message));
  }
}
