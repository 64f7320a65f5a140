package dev.realnvp.spark.failure;

/** What to do with rows whose embedding is missing, or holds a missing, NaN or infinite value. */
public enum InvalidRows {
  /** Count them and fail. */
  REFUSE,
  /** Leave them out and report how many. */
  SKIP
}
