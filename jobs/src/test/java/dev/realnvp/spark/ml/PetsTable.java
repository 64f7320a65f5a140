package dev.realnvp.spark.ml;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A small table for the stages: two classes, names, weights, a test split. */
final class PetsTable {

  private PetsTable() {}

  /**
   * 1,000 rows of {@code id}, {@code split}, {@code label} (int), {@code kind} (its name), {@code
   * w}, {@code held} (whether it is of the test split) and {@code v} (array<double>, 3).
   */
  static Dataset<Row> make(SparkSession spark) {
    return spark.sql(
        "select id, if(id % 5 = 0, 'test', 'train') split, int(id % 3 != 0) label,"
            + " if(id % 3 = 0, 'cat', 'dog') kind, 1 + id % 2 w, id % 5 = 0 held,"
            + " array(1e3 + 1e2 * randn(1), randn(3), 1e-1 * randn(2) + if(id % 3 = 0, 1, 0)) v"
            + " from range(0, 1000, 1, 2)");
  }

  /** An estimator that is quick. */
  static RealNVP quick() {
    return new RealNVP()
        .setFeaturesCol("v")
        .setCouplings(2)
        .setHidden(8)
        .setMaxEpochs(2)
        .setStepSize(1e-2)
        .setAveragingInterval(2);
  }
}
