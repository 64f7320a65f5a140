package dev.realnvp.spark.preflight;

/** How bad a finding is. */
public enum Level {
  /** As it should be. */
  OK,
  /** The job goes on, slower or with a risk. */
  WARNING,
  /** The job cannot work, or its results would be wrong. */
  ERROR
}
