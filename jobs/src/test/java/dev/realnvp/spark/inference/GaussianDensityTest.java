package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.table.Embeddings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.math3.distribution.MultivariateNormalDistribution;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class GaussianDensityTest {

  private final SparkSession spark = LocalSpark.session();

  /** Three features of several sizes, that depend on each other. */
  private static float[][] rows(int count, long seed) {
    Random random = new Random(seed);
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      rows[i] =
          new float[] {(float) (100 + a), (float) (20 * (a + b)), (float) random.nextGaussian()};
    }
    return rows;
  }

  private Dataset<Row> table(float[][] embeddings) {
    List<Row> rows = new ArrayList<>();
    for (float[] embedding : embeddings) {
      rows.add(RowFactory.create((long) rows.size(), "train", null, embedding));
    }
    return spark.createDataFrame(rows, Embeddings.SCHEMA).repartition(3);
  }

  private static double[] doubles(float[] row, int length) {
    double[] doubles = new double[length];
    for (int j = 0; j < length; j++) {
      doubles[j] = row[j];
    }
    return doubles;
  }

  private static MultivariateNormalDistribution reference(float[][] rows, int features) {
    double[][] matrix = new double[rows.length][];
    double[] mean = new double[features];
    for (int i = 0; i < rows.length; i++) {
      matrix[i] = doubles(rows[i], features);
      for (int j = 0; j < features; j++) {
        mean[j] += matrix[i][j] / rows.length;
      }
    }
    return new MultivariateNormalDistribution(
        mean, new Covariance(matrix).getCovarianceMatrix().getData());
  }

  private static double[] sorted(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  @Test
  void isTheNormalDistributionOfTheRowsMeanAndCovariance() {
    float[][] rows = rows(500, 1);
    float[][] others = rows(20, 2);
    others[0] = new float[] {0, 0, 0};
    MultivariateNormalDistribution reference = reference(rows, 3);
    double[] expected = new double[others.length];
    for (int i = 0; i < others.length; i++) {
      expected[i] = logDensity(reference, doubles(others[i], 3));
    }
    // So far away that the density itself is 0.
    assertThat(reference.density(doubles(others[0], 3))).isZero();
    Arrays.sort(expected);

    double[] got = sorted(logProb(fit(table(rows), 0), table(others)));

    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).isCloseTo(expected[i], within(1e-5 * Math.max(1, -expected[i])));
    }
  }

  @Test
  void aConditionalDensityIsTheJointOneOverThatOfTheContext() {
    float[][] rows = rows(500, 1);
    float[][] others = rows(20, 2);
    MultivariateNormalDistribution joint = reference(rows, 3);
    float[][] contexts =
        Arrays.stream(rows).map(row -> new float[] {row[2]}).toArray(float[][]::new);
    MultivariateNormalDistribution context = reference(contexts, 1);
    double[] expected =
        Arrays.stream(others)
            .mapToDouble(
                row ->
                    logDensity(joint, doubles(row, 3)) - logDensity(context, new double[] {row[2]}))
            .sorted()
            .toArray();
    double[] got = sorted(logProb(fit(table(rows), 1), table(others)));
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).isCloseTo(expected[i], within(1e-5 * Math.max(1, -expected[i])));
    }
  }

  private static List<Double> logProb(GaussianDensity density, Dataset<Row> rows) {
    return density.strangeness(rows).collectAsList().stream().map(value -> -value).toList();
  }

  private static double logDensity(MultivariateNormalDistribution normal, double[] x) {
    LUDecomposition covariances = new LUDecomposition(normal.getCovariances());
    RealVector off = new ArrayRealVector(x).subtract(new ArrayRealVector(normal.getMeans()));
    return -(x.length * Math.log(2 * Math.PI)
            + Math.log(covariances.getDeterminant())
            + off.dotProduct(covariances.getSolver().solve(off)))
        / 2;
  }

  /** As much more than without it for each row. */
  @Test
  void aConstantFeatureHasTheDensityOfItsSmallVariance() {
    float[][] rows = rows(200, 3);
    for (float[] row : rows) {
      row[2] = 7;
    }
    MultivariateNormalDistribution reference = reference(rows, 2);
    double[] expected =
        Arrays.stream(rows).mapToDouble(row -> logDensity(reference, doubles(row, 2))).toArray();
    Arrays.sort(expected);
    Dataset<Row> table = table(rows);
    double[] got = sorted(logProb(fit(table, 0), table));
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).isCloseTo(expected[i] - Math.log(2 * Math.PI * 1e-6) / 2, within(1e-4));
    }
    for (float[] row : rows) {
      row[2] = 7.5f;
    }
    assertThat(logProb(fit(table, 0), table(rows))).allMatch(logProb -> logProb < -1e5);
  }

  /** Two clouds far from each other, of features of other sizes. */
  @Test
  void aMixtureIsThatOfTheClouds() {
    Random random = new Random(4);
    float[][] rows = new float[1000][];
    double[] expected = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      boolean left = i % 4 == 0;
      rows[i] = new float[] {(float) (1e4 + (left ? -500 : 500) + 20 * a), (float) (1e-3 * b)};
      expected[i] =
          Math.log((left ? 0.25 : 0.75) / (2 * Math.PI * 20 * 1e-3)) - (a * a + b * b) / 2;
    }
    Dataset<Row> table = table(rows);
    GaussianDensity mixture = mixture(table, rows.length).orElseThrow();
    double[] got = sorted(logProb(mixture, table));
    assertThat(Arrays.stream(got).average().orElseThrow())
        .isCloseTo(Arrays.stream(expected).average().orElseThrow(), within(0.05));
    assertThat(Arrays.stream(got).average().orElseThrow())
        .isGreaterThan(
            0.5
                + logProb(fit(table, 0), table).stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElseThrow());
    // In one task: the same bits for other partitions of the same order.
    assertThat(sorted(logProb(mixture(table.coalesce(1), rows.length).orElseThrow(), table)))
        .isEqualTo(got);
    assertThat(mixture(table, 79)).isEmpty();
  }

  private static Optional<GaussianDensity> mixture(Dataset<Row> table, long rows) {
    return GaussianDensity.fitMixture(table, rows, GaussianDensity.scaling(table), 0, 1);
  }

  private static GaussianDensity fit(Dataset<Row> rows, int context) {
    return GaussianDensity.fit(rows, GaussianDensity.scaling(rows), context);
  }
}
