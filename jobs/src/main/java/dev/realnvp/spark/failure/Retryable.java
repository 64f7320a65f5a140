package dev.realnvp.spark.failure;

/**
 * An error that the same command may not meet when it is given again: executors may come, a disk
 * may get room, another writer may end. The program ends with code 3. The message is one line for
 * the user.
 */
public interface Retryable {
  /** Whether this one is; some classes have both kinds. */
  default boolean isRetryable() {
    return true;
  }
}
