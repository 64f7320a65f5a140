package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.Text;

/**
 * An output was not put in place, because it is not what should have been written, or because this
 * program has no right to write it. The message is one line for the user.
 */
public class OutputException extends RuntimeException {
  public OutputException(String message) {
    super(Text.line(message));
  }
}
