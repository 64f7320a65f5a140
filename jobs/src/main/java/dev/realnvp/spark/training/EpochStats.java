package dev.realnvp.spark.training;

/**
 * What an epoch did.
 *
 * @param epoch counted from 1 within this training
 * @param seconds wall time of the training alone, validation excluded
 * @param examples rows that were trained on
 * @param trainLoss mean over examples of the minibatch losses, each taken before its step; with
 *     {@link Master#STOCK} the mean over workers of each one's last minibatch, all that it reports
 * @param validationLoss what {@link Validation} returned, NaN where there is none
 * @param averagingSeconds the part of {@code seconds} beyond the fitting of each round's slowest
 *     worker: broadcasts, scheduling, results, means; NaN with {@link Master#STOCK}
 * @param waitingSeconds how long a worker, on the average, had no minibatch to fit while the
 *     slowest of a round was fitting; not in {@code averagingSeconds}; NaN with {@link
 *     Master#STOCK}
 */
public record EpochStats(
    int epoch,
    double seconds,
    long examples,
    double trainLoss,
    double validationLoss,
    double averagingSeconds,
    double waitingSeconds) {

  EpochStats withValidationLoss(double loss) {
    return new EpochStats(
        epoch, seconds, examples, trainLoss, loss, averagingSeconds, waitingSeconds);
  }
}
