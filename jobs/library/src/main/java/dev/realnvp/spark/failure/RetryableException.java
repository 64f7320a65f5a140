package dev.realnvp.spark.failure;

/** What a command or a task needs is not there, or not now. */
public final class RetryableException extends RuntimeException implements Retryable {
  public RetryableException(String message) {
    this(message, null);
  }

  public RetryableException(String message, Throwable cause) {
    super(Text.line(message), cause);
  }
}
