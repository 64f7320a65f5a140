package dev.realnvp.spark.data;

/** What to do if an output exists already. */
public enum Existing {
  /** Leave it alone and fail. */
  REFUSE,
  /** Replace it, once the new one is complete. */
  REPLACE
}
