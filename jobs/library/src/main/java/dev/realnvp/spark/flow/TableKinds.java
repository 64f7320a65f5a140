package dev.realnvp.spark.flow;

import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.column.KindChoice;
import dev.realnvp.flow.column.LevelCounts;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.RowSample;
import dev.realnvp.stored.FeatureColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * The kinds of a table's features: values are counted over all rows that were dealt, and a sample
 * of them by their content says the rest. So they are the same for any files, order and cluster.
 *
 * @param choices of each feature
 * @param correlations of the coordinates in that sample, {@code [C, C]}; empty if there are none,
 *     too many, or too few rows for them
 * @param some of the sample's rows, {@code [N][D]}
 * @param numeric which features are numbers, rather than places of categories, {@code [D]}
 */
record TableKinds(
    List<KindChoice.Choice> choices,
    Optional<RealMatrix> correlations,
    float[][] some,
    boolean[] numeric) {

  /** Rows of the sample that are kept, for the groups of the distance. */
  private static final int KEPT = 2000;

  private static final int MOST_ROWS = 20_000;

  /** So many values of a sample are brought to the driver. */
  private static final long MOST_VALUES = 20_000_000;

  /**
   * Those of some rows.
   *
   * @param rows that were dealt
   * @param asTable the same rows with a column {@code embedding}
   * @param count how many
   * @param context how many values at the end of a row are no features
   */
  static TableKinds of(
      Features encoder,
      JavaRDD<Shards.DealtRow> rows,
      Dataset<Row> asTable,
      long count,
      int context) {
    FeatureColumns columns = encoder.learnt();
    int features = columns.columns().size();
    LevelCounts[] counts =
        rows.treeAggregate(
            null,
            (sums, row) -> {
              LevelCounts[] to = sums == null ? none(features) : sums;
              long all = LevelCounts.row(row.values());
              for (int j = 0; j < features; j++) {
                to[j].add(row.values()[j], all);
              }
              return to;
            },
            (sums, more) -> {
              if (sums == null || more == null) {
                return sums == null ? more : sums;
              }
              for (int j = 0; j < features; j++) {
                sums[j].add(more[j]);
              }
              return sums;
            });
    long most = Math.min(MOST_ROWS, Math.max(1, MOST_VALUES / features));
    float[][] sample =
        RowSample.of(asTable, count, most, functions.col("embedding"))
            .select("embedding")
            .collectAsList()
            .stream()
            .map(row -> floats(row.getList(0), features))
            .toArray(float[][]::new);
    List<KindChoice.Choice> choices = new ArrayList<>();
    for (int j = 0; j < features; j++) {
      FeatureColumns.Source source = columns.columns().get(j);
      int own = j;
      KindChoice.Wish wish = wish(encoder.kinds().orElse(Map.of()), source.name());
      OptionalInt original =
          IntStream.range(0, wish == KindChoice.Wish.AUTO ? j : 0)
              .filter(k -> counts[own].isCopyOf(counts[k]))
              .findFirst();
      if (original.isPresent()) {
        int of = original.getAsInt();
        choices.add(KindChoice.copy(counts[j], of, columns.columns().get(of).name()));
        continue;
      }
      float[] values = new float[sample.length];
      IntStream.range(0, values.length).forEach(i -> values[i] = sample[i][own]);
      try {
        choices.add(
            KindChoice.of(
                counts[j],
                values,
                source.truth() || !source.categories().isEmpty(),
                source.categories().size(),
                wish));
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(
            "column-kinds of column '%s': %s".formatted(source.name(), e.getMessage()), e);
      }
    }
    List<KindChoice.Choice> joint =
        KindChoice.withoutHarmfulCurves(
            choices,
            sample,
            j ->
                wish(encoder.kinds().orElse(Map.of()), columns.columns().get(j).name())
                    != KindChoice.Wish.LOG);
    boolean[] numeric = new boolean[features];
    for (int j = 0; j < features; j++) {
      numeric[j] = columns.columns().get(j).categories().isEmpty();
    }
    return new TableKinds(
        joint,
        KindChoice.correlations(joint, sample),
        Arrays.copyOf(sample, Math.min(sample.length, KEPT)),
        numeric);
  }

  private static LevelCounts[] none(int features) {
    return Stream.generate(LevelCounts::new).limit(features).toArray(LevelCounts[]::new);
  }

  private static float[] floats(List<Float> values, int features) {
    float[] floats = new float[features];
    for (int j = 0; j < features; j++) {
      floats[j] = values.get(j);
    }
    return floats;
  }

  private static KindChoice.Wish wish(Map<String, KindChoice.Wish> wishes, String column) {
    return wishes.entrySet().stream()
        .filter(wish -> wish.getKey().equalsIgnoreCase(column))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(KindChoice.Wish.AUTO);
  }

  /** The number of coordinates, at least the two that couplings take. */
  int coordinates() {
    return (int) Math.max(2, kinds().stream().filter(FeatureKind::isContinuous).count());
  }

  /** Whether all features are numbers as they are. */
  boolean plain() {
    return kinds().stream().allMatch(kind -> kind.size() == 0 && !kind.curve().soft());
  }

  List<FeatureKind> kinds() {
    return choices.stream().map(KindChoice.Choice::kind).toList();
  }

  /** The logarithms of the frequencies of all levels, {@code [S]}. */
  double[] logFrequencies() {
    return choices.stream()
        .flatMap(choice -> choice.logFrequencies().stream())
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** The covariances of the coordinates as training sees them: with noise, {@code [C, C]}. */
  Optional<RealMatrix> covariances() {
    double[] variances =
        kinds().stream()
            .filter(FeatureKind::isContinuous)
            .mapToDouble(kind -> kind.noise() * kind.noise())
            .toArray();
    return correlations.map(matrix -> matrix.add(MatrixUtils.createRealDiagonalMatrix(variances)));
  }

  /** The same with noise. */
  TableKinds withNoise(double deviation) {
    return new TableKinds(
        KindChoice.withNoise(choices, correlations, deviation), correlations, some, numeric);
  }
}
