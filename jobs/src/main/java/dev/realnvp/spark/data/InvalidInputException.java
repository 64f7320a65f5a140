package dev.realnvp.spark.data;

/**
 * What a user gave (a file, a folder, a table, a model) cannot be used. The message is one line for
 * that user: it names the file, and says what was got and what was expected. The program ends with
 * code 1.
 */
public class InvalidInputException extends RuntimeException {
  public InvalidInputException(String message) {
    super(Text.line(message));
  }

  public InvalidInputException(String message, Throwable cause) {
    super(Text.line(message), cause);
  }
}
