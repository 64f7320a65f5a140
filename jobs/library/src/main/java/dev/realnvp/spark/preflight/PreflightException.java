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

  private PreflightException(String message, List<Finding> errors) {
    super(message);
    this.retryable = errors.stream().allMatch(Finding::isTransient);
  }

  /** Of findings that are errors. */
  public PreflightException(List<Finding> errors) {
    this(errors.stream().map(Finding::line).collect(Collectors.joining("\n")), errors);
  }

  /** Of findings that are errors, all shown to the user already. */
  public static PreflightException ofSeen(List<Finding> errors) {
    return new PreflightException(
        "the jobs cannot work here: " + errors.size() + (errors.size() == 1 ? " error" : " errors"),
        errors);
  }

  @Override
  public boolean isRetryable() {
    return retryable;
  }
}
