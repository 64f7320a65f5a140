package dev.realnvp.spark;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.rand;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The same rows as other files, in another order, read by another number of cores. Of the cores
 * Spark's plan of a table knows their number alone, which is that of the partitions that it wants.
 */
public final class Layouts {

  private static final String CORES = "spark.sql.files.minPartitionNum";
  private static final String BYTES = "spark.sql.files.maxPartitionBytes";
  private static final String OPENING = "spark.sql.files.openCostInBytes";

  private Layouts() {}

  /** Writes the rows to files, shuffled over these and within them. */
  public static void write(Dataset<Row> rows, int files, String path) {
    Column content =
        xxhash64(
            lit(files),
            to_json(
                struct(Arrays.stream(rows.columns()).map(functions::col).toArray(Column[]::new))));
    // Rows of a range of hashes each, so that no file is empty.
    rows.repartitionByRange(files, content).sortWithinPartitions(rand(files)).write().parquet(path);
  }

  /** Runs something as if there were so many cores, and as many partitions at least. */
  public static void onCores(SparkSession spark, int cores, Action action) throws Exception {
    spark.conf().set(CORES, Integer.toString(cores));
    spark.conf().set(BYTES, cores > 2 ? "2k" : "128m");
    spark.conf().set(OPENING, "0");
    try {
      action.run();
    } finally {
      spark.conf().unset(CORES);
      spark.conf().unset(BYTES);
      spark.conf().unset(OPENING);
    }
  }

  /** What may fail. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  /** How many partitions a table is read in. */
  public static int partitions(SparkSession spark, String path) {
    return spark.read().parquet(path).javaRDD().getNumPartitions();
  }
}
