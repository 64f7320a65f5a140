package dev.realnvp.spark.training;

/** A file that a training cannot go on from; the message says what it is instead. */
final class UnusableCheckpointException extends Exception {

  UnusableCheckpointException(String message) {
    super(message);
  }
}
