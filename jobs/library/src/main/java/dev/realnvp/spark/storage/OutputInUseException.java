package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.Retryable;

/**
 * An output belongs to another writer. The message names that writer: its program, process, host,
 * and since when. Nothing was written. When the other writer has ended, the same command can be
 * given again.
 */
public final class OutputInUseException extends OutputException implements Retryable {
  public OutputInUseException(String message) {
    super(message);
  }
}
