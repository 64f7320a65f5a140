package dev.realnvp.spark.training;

import dev.realnvp.spark.failure.Retryable;

/** The cluster has given no executor; the message is one clear line. */
public final class NoExecutorsException extends RuntimeException implements Retryable {

  public NoExecutorsException(String message) {
    super(message);
  }
}
