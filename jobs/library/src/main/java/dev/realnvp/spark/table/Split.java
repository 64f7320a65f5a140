package dev.realnvp.spark.table;

/** The values of the column {@code split}. */
public final class Split {
  /** Rows that models are fitted to. */
  public static final String TRAIN = "train";

  /** Rows that no model has seen. */
  public static final String TEST = "test";

  private Split() {}
}
