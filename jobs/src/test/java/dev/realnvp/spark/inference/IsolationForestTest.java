package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.spark.LocalSpark;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class IsolationForestTest {

  private final SparkSession spark = LocalSpark.session();

  private static final StructType SCHEMA =
      new StructType().add("embedding", DataTypes.createArrayType(DataTypes.FloatType));

  /** One cut, c(2) = 1, so 2^-1. */
  @Test
  void twoRowsAreToldApartByOneCut() {
    IsolationForest forest = IsolationForest.fit(List.of(new float[] {0}, new float[] {1}), 3);
    assertThat(forest.strangeness(new float[] {-5})).isEqualTo(0.5);
    assertThat(forest.strangeness(new float[] {5})).isEqualTo(0.5);
  }

  /** No cut, but c(4) for the rows of the leaf, so 2^-1. */
  @Test
  void equalRowsAreNotCut() {
    IsolationForest forest = IsolationForest.fit(Collections.nCopies(4, new float[] {7, 7}), 3);
    assertThat(forest.strangeness(new float[] {9, 0})).isCloseTo(0.5, within(1e-12));
  }

  /**
   * Three rows at 0, 1 and 3: the first cut parts 3 from the others with probability 2/3, at depth
   * 1, and 0 from the others with 1/3. So the mean paths are 5/3, 2 and 4/3; c(3) = 3 - 4/3.
   */
  @Test
  void theMeanPathIsThatOfRandomCuts() {
    List<float[]> rows = List.of(new float[] {0}, new float[] {1}, new float[] {3});
    double[] sums = new double[3];
    int forests = 200;
    for (int seed = 0; seed < forests; seed++) {
      IsolationForest forest = IsolationForest.fit(rows, seed);
      for (int i = 0; i < 3; i++) {
        sums[i] += -Math.log(forest.strangeness(rows.get(i))) / Math.log(2) * (5.0 / 3);
      }
    }
    // 20,000 trees: a standard error of 0.0034.
    assertThat(sums[0] / forests).isCloseTo(5.0 / 3, within(0.015));
    assertThat(sums[1] / forests).isCloseTo(2, within(1e-9));
    assertThat(sums[2] / forests).isCloseTo(4.0 / 3, within(0.015));
  }

  @Test
  void whatIsNoNumberIsAboveEachCut() {
    IsolationForest forest = IsolationForest.fit(rows(1000), 1);
    assertThat(forest.strangeness(new float[] {Float.NaN, Float.NaN}))
        .isEqualTo(forest.strangeness(new float[] {Float.MAX_VALUE, Float.MAX_VALUE}));
  }

  @Test
  void oneRowIsNoForest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IsolationForest.fit(List.of(new float[] {1}), 0))
        .withMessageContaining("1 rows, expected at least 2");
  }

  /** LinkedIn's library; both draw trees, by which scores differ by some thousandths. */
  @Test
  void scoresAreThoseOfAnotherProgram() {
    assumeTrue(scala.util.Properties.versionNumberString().startsWith("2.12"));
    List<float[]> rows = rows(3000);
    Dataset<Row> table = table(spark, rows);
    var others = new com.linkedin.relevance.isolationforest.IsolationForest();
    others.setRandomSeed(5);
    Dataset<Row> vectors =
        table.select(
            org.apache.spark.ml.functions.array_to_vector(table.col("embedding")).as("features"));
    double[] expected =
        others.fit(vectors).transform(vectors).select(others.getScoreCol()).collectAsList().stream()
            .mapToDouble(row -> row.getDouble(0))
            .toArray();
    double[] got =
        IsolationForest.fit(rows, 1).strangeness(table).collectAsList().stream()
            .mapToDouble(Double::doubleValue)
            .toArray();
    double difference =
        IntStream.range(0, got.length)
            .mapToDouble(i -> Math.abs(got[i] - expected[i]))
            .average()
            .orElseThrow();
    double spread =
        IntStream.range(0, got.length)
            .mapToDouble(i -> Math.abs(expected[i] - expected[0]))
            .average()
            .orElseThrow();
    assertThat(spread).isGreaterThan(0.04);
    assertThat(difference).isLessThan(0.012);
  }

  private static Dataset<Row> table(SparkSession spark, List<float[]> rows) {
    return spark.createDataFrame(
        rows.stream().map(row -> RowFactory.create((Object) new Float[] {row[0], row[1]})).toList(),
        SCHEMA);
  }

  /** Two clusters. */
  private static List<float[]> rows(int count) {
    Random random = new Random(4);
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double middle = i % 3 == 0 ? 6 : 0;
      rows.add(
          new float[] {
            (float) (middle + random.nextGaussian()), (float) (middle - 2 * random.nextGaussian())
          });
    }
    return rows;
  }
}
