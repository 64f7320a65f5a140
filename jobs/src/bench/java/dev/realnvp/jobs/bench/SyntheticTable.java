package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.storage.OutputLeases;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a table of any size, to try trainings and scores of many rows on. */
@Command(
    name = "bench-table",
    description = {
      "Makes a Parquet table of random rows: columns id, label and vector. Each class is a chain, in",
      "which a feature is correlated with the one before. The same seed gives the same rows."
    },
    footer = {"", "Example: submit/bench-table.sh --rows 4000000 --features 64 --output t.parquet"})
public final class SyntheticTable extends Job<String> {

  private static final double CORRELATION = 0.8;

  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("label", DataTypes.IntegerType, false)
          .add("vector", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  @Option(names = "--rows", paramLabel = "N", required = true, description = "The rows.")
  private long rows;

  @Option(
      names = "--features",
      paramLabel = "D",
      defaultValue = "64",
      description = "The values of a row's vector (${DEFAULT-VALUE}).")
  private int features;

  @Option(
      names = "--classes",
      paramLabel = "K",
      defaultValue = "10",
      description = "The labels, from 0 to K - 1 (${DEFAULT-VALUE}).")
  private int classes;

  @Option(
      names = "--part-files",
      paramLabel = "N",
      defaultValue = "16",
      description = "The part files (${DEFAULT-VALUE}).")
  private int files;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The table, any Hadoop URI.")
  private String output;

  public SyntheticTable() {
    super(List.of(), List.of("run"), null);
  }

  public static void main(String[] args) {
    Main.exit(new SyntheticTable(), args);
  }

  @Override
  protected boolean logsEvents() {
    return false;
  }

  /** None: Spark writes the table. */
  @Override
  protected void claim(OutputLeases leases, Config config) {}

  @Override
  protected String work(SparkSession spark, Config config) {
    if (rows < 1 || features < 1 || classes < 1 || files < 1) {
      throw new ConfigurationException(
          "--rows, --features, --classes, --part-files: got %d, %d, %d, %d, expected numbers of at least 1"
              .formatted(rows, features, classes, files));
    }
    SaveMode mode = config.getBoolean("overwrite") ? SaveMode.Overwrite : SaveMode.ErrorIfExists;
    long seed = config.getLong("seed");
    // The job cannot be sent to the executors, its sizes can.
    int width = features;
    int labels = classes;
    MapFunction<Long, Row> row = id -> row(seed, id, width, labels);
    spark
        .range(0, rows, 1, files)
        .map(row, Encoders.row(SCHEMA))
        .write()
        .mode(mode)
        .parquet(output);
    Console.wrote(output);
    return output;
  }

  /** Follows from the seed and the row's id alone. */
  private static Row row(long seed, long id, int features, int classes) {
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed ^ id).nextLong() ^ id);
    int label = random.nextInt(classes);
    float[] vector = new float[features];
    double previous = 2.0 * label / classes;
    for (int j = 0; j < features; j++) {
      previous = CORRELATION * previous + random.nextGaussian();
      vector[j] = (float) (previous + (j % classes == label ? 2 : 0));
    }
    return RowFactory.create(id, label, vector);
  }
}
