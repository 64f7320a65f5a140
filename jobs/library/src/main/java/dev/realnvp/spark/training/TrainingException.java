package dev.realnvp.spark.training;

/** Training cannot go on for a reason that the user can act on; the message is one clear line. */
public final class TrainingException extends RuntimeException {

  public TrainingException(String message) {
    super(message);
  }
}
