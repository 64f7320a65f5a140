package dev.realnvp.spark.failure;

/**
 * An error that a retry of the same command may avoid: executors may come, a disk may get free
 * space, another writer may end. The program ends with code 3. The message is one line for the
 * user.
 */
public interface Retryable {
  /** Whether this error is retryable; some classes have both kinds. */
  default boolean isRetryable() {
    return true;
  }
}
