package dev.realnvp.spark.preflight;

import dev.realnvp.spark.failure.Retryable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The job cannot work here; or not now, if all its errors are temporary. The message has one line
 * per reason.
 */
public final class PreflightException extends RuntimeException implements Retryable {

  private final boolean retryable;

  public PreflightException(List<Finding> errors) {
    this(errors, errors.stream().map(Finding::line).collect(Collectors.joining("\n")));
  }

  /**
   * The same in other words.
   *
   * @param message for errors that the user has seen already
   */
  public PreflightException(List<Finding> errors, String message) {
    super(message);
    this.retryable = errors.stream().allMatch(Finding::isTransient);
  }

  @Override
  public boolean isRetryable() {
    return retryable;
  }
}
