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
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
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
public final class SyntheticTable extends Job<SyntheticTable.Row> {

  private static final double CORRELATION = 0.8;

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
      names = "--files",
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

  /** The job with its options. */
  public SyntheticTable() {
    super(List.of(), List.of("run"), null);
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new SyntheticTable(), args);
  }

  @Override
  protected boolean logsEvents() {
    return false;
  }

  /** None: it writes nothing of a run. */
  @Override
  protected void claim(OutputLeases leases, Config config) {}

  @Override
  protected Row work(SparkSession spark, Config config) {
    if (rows < 1 || features < 1 || classes < 1 || files < 1) {
      throw new ConfigurationException(
          "--rows, --features, --classes, --files: got %d, %d, %d, %d, expected numbers of at least 1"
              .formatted(rows, features, classes, files));
    }
    long seed = config.getLong("seed");
    int width = features;
    int kinds = classes;
    spark
        .range(0, rows, 1, files)
        .map(
            (MapFunction<Long, Row>) id -> Row.of(seed, id, width, kinds), Encoders.bean(Row.class))
        .write()
        .mode(config.getBoolean("overwrite") ? SaveMode.Overwrite : SaveMode.ErrorIfExists)
        .parquet(output);
    Console.wrote(output);
    return Row.of(seed, rows - 1, width, kinds);
  }

  /** A row of the table, as Spark's encoder takes it. */
  public static final class Row {
    private long id;
    private int label;
    private float[] vector;

    /** Follows from the seed and the row's id alone. */
    static Row of(long seed, long id, int features, int classes) {
      SplittableRandom random =
          new SplittableRandom(new SplittableRandom(seed ^ id).nextLong() ^ id);
      Row row = new Row();
      row.setId(id);
      row.setLabel(random.nextInt(classes));
      float[] vector = new float[features];
      double previous = 2.0 * row.getLabel() / classes;
      for (int j = 0; j < features; j++) {
        previous = CORRELATION * previous + random.nextGaussian();
        vector[j] = (float) (previous + (j % classes == row.getLabel() ? 2 : 0));
      }
      row.setVector(vector);
      return row;
    }

    /** The number of the row. */
    public long getId() {
      return id;
    }

    public void setId(long id) {
      this.id = id;
    }

    /** The class. */
    public int getLabel() {
      return label;
    }

    public void setLabel(int label) {
      this.label = label;
    }

    /** The features. */
    public float[] getVector() {
      return vector;
    }

    public void setVector(float[] vector) {
      this.vector = vector;
    }
  }
}
