package dev.realnvp.submit;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Embeddings of 4 features and 2 classes, for a training that takes little time: what is not held
 * out is enough for two workers.
 */
final class SmallTable {

  static final int ROWS = 2_500;

  /** What makes a training small, as settings of {@code train-flow}. */
  static final List<String> SMALL_FLOW =
      ScriptRun.each("--set", "flow.epochs=2", "flow.couplings=2", "flow.hidden=[8]");

  private SmallTable() {}

  static void write(SparkSession spark, Path folder) {
    spark
        .range(ROWS)
        .selectExpr(
            "id",
            "cast(id % 2 as int) as label",
            "transform(sequence(1, 4), i -> cast(sin(id * i) as float)) as embedding")
        .write()
        .parquet(folder.toString());
  }
}
