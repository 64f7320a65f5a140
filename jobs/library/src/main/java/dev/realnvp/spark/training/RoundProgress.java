package dev.realnvp.spark.training;

/**
 * How far an epoch is, after a round.
 *
 * @param epoch counted from 1
 * @param epochs how many there will be
 * @param examplesDone rows trained on since the epoch's start, over all workers
 * @param examplesInEpoch all rows
 * @param trainLoss mean loss an example since the epoch's start
 */
public record RoundProgress(
    int epoch, int epochs, long examplesDone, long examplesInEpoch, double trainLoss) {}
