package dev.realnvp.spark.failure;

/** Training cannot go on for a reason that the user can act on; the message is one clear line. */
public final class TrainingException extends RuntimeException {

  public TrainingException(String message) {
    super(message);
  }

  /**
   * A loss, or parameters, that are no longer finite.
   *
   * @param what {@link #divergence}
   * @param rewinds how often the learning rate has been halved because of it
   */
  public static TrainingException diverged(String what, int rewinds) {
    String advice =
        rewinds == 0
            ? "Try a lower learning rate"
            : "Halving the learning rate %d times did not help. Try a much lower one"
                .formatted(rewinds);
    return new TrainingException(what + ". " + advice + ", or look for invalid rows in the input");
  }

  /**
   * What has happened, in words.
   *
   * @param epoch counted from 1
   * @param where in it
   * @param what is not finite
   */
  public static String divergence(int epoch, String where, String what) {
    return "Training diverged in epoch %d, %s: %s".formatted(epoch, where, what);
  }
}
