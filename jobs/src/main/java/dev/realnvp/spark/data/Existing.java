package dev.realnvp.spark.data;

/** What to do with an output that exists already. */
public enum Existing {
  /** Leave it alone and fail. */
  REFUSE,
  /** Put the new one in its place, once the new one is complete. */
  REPLACE
}
