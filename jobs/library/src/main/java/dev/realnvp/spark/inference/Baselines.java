package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.column.MetricFeatures;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.spark.cluster.BackgroundTask;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * What a flow has to beat.
 *
 * @param densities {@code gaussian} and {@code mixture}, as far as there are rows enough for them
 *     and not too many features; none if the flow knows no kinds and a feature is a category,
 *     because rows then have no density
 * @param forest {@code isolation_forest}; empty if it was not asked for
 * @param metric what rows are turned into before, if the flow knows kinds of features
 */
public record Baselines(
    Map<String, GaussianDensity> densities,
    Optional<IsolationForest> forest,
    Optional<MetricFeatures> metric) {

  /** A task of seconds: so many rows, or fewer of many features. */
  private static final long MOST_PRODUCTS = 10_000_000_000L;

  /** Beyond these, the matrices of a normal distribution, and of a mixture's, take minutes. */
  private static final int MOST_FEATURES = 1024;

  private static final int MOST_MIXED_FEATURES = 128;
  private static final long MOST_ROWS = 20_000;

  /** Of a forest's rows, which the driver holds. */
  private static final long MOST_VALUES = 20_000_000;

  /**
   * Fits them on the train split, or on a sample of it: at most 100,000 rows for the normal
   * distribution, {@value #MOST_ROWS} for the others, in seconds of one task each.
   *
   * @param context how many of a row's values, its last, densities are conditioned on
   * @param seed of what is drawn
   * @param ranking whether rows are to be ranked, which a forest does too
   * @param metric if the flow knows kinds of features
   */
  public static Baselines fit(
      EmbeddingTable table,
      int context,
      long seed,
      boolean ranking,
      Optional<MetricFeatures> metric) {
    Map<String, GaussianDensity> densities = new LinkedHashMap<>();
    Optional<IsolationForest> forest = Optional.empty();
    long features = metric.map(of -> of.size() + context).orElse(table.features());
    long count = table.splits().get(Split.TRAIN);
    long most = Math.min(FlowCalibrator.MOST_ROWS, MOST_PRODUCTS / (features * features));
    long few = Math.min(MOST_ROWS, MOST_VALUES / features);
    Dataset<Row> train = table.split(Split.TRAIN);
    // Read when they are used first; the same ones if these are all.
    try (Kept many = Kept.of(train, count, most, metric);
        Kept fewer = count <= Math.min(few, most) ? many : Kept.of(train, count, few, metric)) {
      if (count >= 2 * features
          && features <= MOST_FEATURES
          && metric
              .map(of -> ranking || of.continuous())
              .orElse(!table.encoder().learnt().isDiscrete())) {
        FeatureScaling scaling = GaussianDensity.scaling(many.rows);
        BackgroundTask<GaussianDensity> gaussian =
            BackgroundTask.start(() -> GaussianDensity.fit(many.rows, scaling, context));
        Optional<GaussianDensity> mixture =
            features <= MOST_MIXED_FEATURES
                ? GaussianDensity.fitMixture(
                    fewer.rows, Math.min(count, few), scaling, context, seed)
                : Optional.empty();
        densities.put("gaussian", gaussian.get());
        mixture.ifPresent(density -> densities.put("mixture", density));
      }
      if (ranking && count > 1) {
        forest = Optional.of(forest(fewer.rows, seed));
      }
    }
    return new Baselines(densities, forest, metric);
  }

  private static IsolationForest forest(Dataset<Row> rows, long seed) {
    return IsolationForest.fit(
        rows.select(col(Embeddings.COLUMN)).collectAsList().stream()
            .map(row -> Embeddings.floats(row.getList(0)))
            .toList(),
        seed);
  }

  public Map<String, Baseline> all() {
    Map<String, Baseline> all = new LinkedHashMap<>(densities);
    forest.ifPresent(some -> all.put("isolation_forest", some));
    metric.ifPresent(of -> all.replaceAll((name, other) -> row -> other.strangeness(of.of(row))));
    return all;
  }

  /**
   * How much likelier rows are under a flow.
   *
   * @param flow the rows' log-densities under it, in their order; NaN where there is none
   * @param rows of a bounded number, in an order of their own ({@link FlowCalibrator#sample})
   */
  public Map<String, DensityGain> gains(double[] flow, Dataset<Row> rows) {
    Map<String, DensityGain> gains = new LinkedHashMap<>();
    if (densities.isEmpty() || !metric.map(MetricFeatures::continuous).orElse(true)) {
      return gains;
    }
    GaussianDensity[] all = densities.values().toArray(GaussianDensity[]::new);
    MetricFeatures of = metric.orElse(null);
    List<double[]> others =
        rows.select(col(Embeddings.COLUMN))
            .toJavaRDD()
            .map(
                row -> {
                  float[] x = Embeddings.floats(row.getList(0));
                  float[] encoded = of == null ? x : of.of(x);
                  double slope = of == null ? 0 : of.logSlope(x);
                  return Arrays.stream(all)
                      .mapToDouble(density -> density.logProb(encoded) + slope)
                      .toArray();
                })
            .collect();
    int at = 0;
    for (String name : densities.keySet()) {
      int place = at++;
      DensityGain.of(flow, others.stream().mapToDouble(values -> values[place]).toArray())
          .ifPresent(gain -> gains.put(name, gain));
    }
    return gains;
  }

  /** The rows' embeddings as they are measured, in their order. */
  private static Dataset<Row> encoded(Dataset<Row> rows, MetricFeatures metric) {
    return rows.sparkSession()
        .createDataFrame(
            rows.select(col(Embeddings.COLUMN))
                .toJavaRDD()
                .map(row -> RowFactory.create(metric.of(Embeddings.floats(row.getList(0))))),
            new StructType().add(Embeddings.SCHEMA.apply(Embeddings.COLUMN)));
  }

  private record Kept(Dataset<Row> rows) implements AutoCloseable {

    static Kept of(Dataset<Row> rows, long count, long most, Optional<MetricFeatures> metric) {
      Dataset<Row> some = FlowCalibrator.sample(rows, count, most);
      return new Kept(
          metric.map(of -> encoded(some, of)).orElse(some).persist(StorageLevel.MEMORY_AND_DISK()));
    }

    @Override
    public void close() {
      rows.unpersist(false);
    }
  }
}
