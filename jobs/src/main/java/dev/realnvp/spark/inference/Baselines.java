package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.spark.scores.DensityGain;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** The simpler densities that a flow has to beat: {@code gaussian} and {@code mixture}. */
public final class Baselines {

  /** A task of seconds: so many rows, or fewer of many features. */
  private static final long MOST_PRODUCTS = 10_000_000_000L;

  /** Beyond these, the matrices of a normal distribution, and of a mixture's, take minutes. */
  private static final int MOST_FEATURES = 1024;

  private static final int MOST_MIXED_FEATURES = 128;
  private static final long MOST_MIXED_ROWS = 20_000;

  private Baselines() {}

  /**
   * Fits both on the train split, or on a sample of it: at most 100,000 rows for the normal
   * distribution, {@value #MOST_MIXED_ROWS} for the mixture, in seconds of one task each.
   *
   * @param seed of the mixture
   * @return those that there are rows enough for, and not too many features; none if a feature is a
   *     category, because rows then have no density
   */
  public static Map<String, GaussianDensity> fit(EmbeddingTable table, long seed) {
    Map<String, GaussianDensity> densities = new LinkedHashMap<>();
    long features = table.features();
    long count = table.splits().get(Split.TRAIN);
    if (count < 2 * features || features > MOST_FEATURES || table.encoder().isDiscrete()) {
      return densities;
    }
    long most = Math.min(FlowCalibrator.MOST_ROWS, MOST_PRODUCTS / (features * features));
    Dataset<Row> train = table.split(Split.TRAIN);
    try (Kept rows = Kept.of(train, count, most)) {
      densities.put("gaussian", GaussianDensity.fit(rows.rows));
      if (features <= MOST_MIXED_FEATURES && count <= MOST_MIXED_ROWS) {
        putMixture(densities, rows.rows, count, seed);
      }
    }
    if (features <= MOST_MIXED_FEATURES && count > MOST_MIXED_ROWS) {
      try (Kept rows = Kept.of(train, count, MOST_MIXED_ROWS)) {
        putMixture(densities, rows.rows, MOST_MIXED_ROWS, seed);
      }
    }
    return densities;
  }

  private static void putMixture(
      Map<String, GaussianDensity> densities, Dataset<Row> rows, long count, long seed) {
    GaussianDensity.fitMixture(rows, count, seed)
        .ifPresent(mixture -> densities.put("mixture", mixture));
  }

  /**
   * How much likelier rows are under a flow.
   *
   * @param scored the rows' scores, in their order
   * @param rows of a bounded number, in an order of their own ({@link FlowCalibrator#sample})
   */
  public static Map<String, DensityGain> gains(
      Map<String, GaussianDensity> baselines, Dataset<Row> scored, Dataset<Row> rows) {
    double[] flow =
        scored.select(col("log_prob")).collectAsList().stream()
            .mapToDouble(row -> row.isNullAt(0) ? Double.NaN : row.getDouble(0))
            .toArray();
    Map<String, DensityGain> gains = new LinkedHashMap<>();
    baselines.forEach(
        (name, baseline) ->
            DensityGain.of(
                    flow,
                    baseline.logProb(rows).collectAsList().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray())
                .ifPresent(gain -> gains.put(name, gain)));
    return gains;
  }

  /** Rows that are read several times. */
  private record Kept(Dataset<Row> rows) implements AutoCloseable {

    static Kept of(Dataset<Row> rows, long count, long most) {
      return new Kept(
          FlowCalibrator.sample(rows, count, most).persist(StorageLevel.MEMORY_AND_DISK()));
    }

    @Override
    public void close() {
      rows.unpersist(false);
    }
  }
}
