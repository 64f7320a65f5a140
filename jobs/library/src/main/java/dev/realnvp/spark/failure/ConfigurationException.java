package dev.realnvp.spark.failure;

/**
 * A setting or an option is unknown or out of range. The message is one line for the user: the
 * setting, what was got, and what was expected. The program ends with code 2.
 */
public class ConfigurationException extends RuntimeException {
  public ConfigurationException(String message) {
    super(Text.line(message));
  }

  public ConfigurationException(String message, Throwable cause) {
    super(Text.line(message), cause);
  }
}
