package dev.realnvp.spark.training;

/** Who spreads the work and averages the results. */
public enum Master {
  /**
   * This package: shards that stay in place, one short Spark job a round, mean weighted by
   * examples.
   */
  AVERAGING,

  /**
   * DL4J's own {@code ParameterAveragingTrainingMaster}, the baseline: the rows become an RDD of
   * minibatches that is split and shuffled anew for each averaging, and the mean is over workers.
   */
  STOCK;

  /**
   * Whether this build has it: DL4J's Spark module, and so {@link #STOCK}, is for Spark 3.5 alone.
   */
  public boolean isIncluded() {
    return this != STOCK || StockMaster.find().isPresent();
  }
}
