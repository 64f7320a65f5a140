package dev.realnvp.spark.failure;

/**
 * An input of a user (a file, a folder, a table, a model) cannot be used. The message is one line
 * for the user: the file, what was got, and what was expected. The program ends with code 1.
 */
public class InvalidInputException extends RuntimeException {
  public InvalidInputException(String message) {
    super(Text.line(message));
  }

  public InvalidInputException(String message, Throwable cause) {
    super(Text.line(message), cause);
  }
}
