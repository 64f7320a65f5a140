package dev.realnvp.spark.preflight;

/** The severity of a finding. */
public enum Severity {
  /** As it should be. */
  OK,
  /** The job continues, slower or with a risk. */
  WARNING,
  /** The job cannot work, or its results would be wrong. */
  ERROR
}
