package dev.realnvp.spark.training;

/**
 * A loss, or parameters, that are no longer finite.
 *
 * @param epoch counted from 1
 * @param where in it
 * @param what is not finite
 */
record Divergence(int epoch, String where, String what) {

  String message() {
    return "Training diverged in epoch %d, %s: %s".formatted(epoch, where, what);
  }

  /**
   * @param rewinds how often the learning rate has been halved because of it
   */
  TrainingException exception(int rewinds) {
    String advice =
        rewinds == 0
            ? "Try a lower learning rate"
            : "Halving the learning rate %d times did not help. Try a much lower one"
                .formatted(rewinds);
    return new TrainingException(
        message() + ". " + advice + ", or look for invalid rows in the input");
  }
}
