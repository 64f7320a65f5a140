package dev.realnvp.spark.preflight;

import java.util.List;
import java.util.stream.Collectors;

/** The job cannot work here. The message has one line for each reason. */
public final class PreflightException extends RuntimeException {

  /**
   * @param errors the findings that are errors
   */
  public PreflightException(List<Finding> errors) {
    super(errors.stream().map(Finding::line).collect(Collectors.joining("\n")));
  }

  /**
   * @param errors how many there are, each of which the user has seen
   */
  public PreflightException(long errors) {
    super("the jobs cannot work here: " + errors + (errors == 1 ? " error" : " errors"));
  }
}
