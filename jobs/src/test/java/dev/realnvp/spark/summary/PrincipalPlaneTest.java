package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LocalSpark.class)
class PrincipalPlaneTest {

  private static final double NOISE = 0.01;

  private final JavaSparkContext spark;

  PrincipalPlaneTest(JavaSparkContext spark) {
    this.spark = spark;
  }

  private static float[] point(int features, double first, double second, Random noise) {
    float[] point = new float[features];
    for (int j = 0; j < features; j++) {
      point[j] = (float) (5 + NOISE * noise.nextGaussian());
    }
    // Two directions at a right angle, neither along an axis.
    double half = Math.sqrt(0.5);
    point[0] += (float) (half * first + half * second);
    point[features - 1] += (float) (half * first - half * second);
    return point;
  }

  /** Spark decomposes narrow, middling and wide tables in three ways. */
  @ParameterizedTest
  @ValueSource(ints = {2, 20, 150})
  void findsTheDirectionsInWhichVectorsVaryMost(int features) {
    Random random = new Random(1);
    List<LabelledVector> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      double first = 3 * random.nextGaussian();
      double second = random.nextGaussian();
      rows.add(new LabelledVector(i, null, point(features, first, second, random)));
    }

    PrincipalPlane plane = PrincipalPlane.fit(spark, rows);

    double[] origin = plane.project(point(features, 0, 0, random));
    double[] alongFirst = plane.project(point(features, 1, 0, random));
    double[] alongSecond = plane.project(point(features, 0, 1, random));
    assertThat(Math.abs(alongFirst[0] - origin[0])).isCloseTo(1, within(0.1));
    assertThat(alongFirst[1] - origin[1]).isCloseTo(0, within(0.1));
    assertThat(alongSecond[0] - origin[0]).isCloseTo(0, within(0.1));
    assertThat(Math.abs(alongSecond[1] - origin[1])).isCloseTo(1, within(0.1));
    assertThat(plane.varianceShares()[0]).isCloseTo(0.9, within(0.02));
    assertThat(plane.varianceShares()[1]).isCloseTo(0.1, within(0.02));
  }

  @Test
  void aLineHasNoSecondDirection() {
    List<LabelledVector> rows =
        IntStream.range(0, 9)
            .mapToObj(i -> new LabelledVector(i, i, new float[] {i, -i, 2}))
            .toList();
    PrincipalPlane plane = PrincipalPlane.fit(spark, rows);
    assertThat(plane.varianceShares()[0]).isCloseTo(1, within(1e-9));
    assertThat(plane.project(new float[] {8, -8, 2})[1]).isCloseTo(0, within(1e-6));
    assertThatThrownBy(() -> plane.project(new float[] {8, -8}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("Cannot put a vector of 2 values into a plane of vectors of 3");
  }

  @Test
  void refusesWhatHasNoPlane() {
    LabelledVector vector = new LabelledVector(0, null, new float[] {1, 2});
    assertThatThrownBy(() -> PrincipalPlane.fit(spark, List.of(vector)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("through 1 vectors");
    assertThatThrownBy(() -> PrincipalPlane.fit(spark, Collections.nCopies(5, vector)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("all the same");
  }

  /** Every partition's own first rows, vectors and all, would be 20 MB. */
  @Test
  void noMoreThanTheSampleComesToTheDriver(SparkSession session) {
    Dataset<Row> wide =
        session.sql(
            "select id, int(null) label, transform(sequence(1, 4096), j -> float(id * j)) embedding"
                + " from range(0, 500, 1, 8)");
    SparkConf conf = session.sparkContext().conf();
    conf.set("spark.driver.maxResultSize", "4m");
    try {
      assertThat(LabelledVector.sample(wide, 500, 40, col("id"))).hasSize(40);
    } finally {
      conf.remove("spark.driver.maxResultSize");
    }
  }

  @Test
  void theSameRowsAreSampledHoweverTheTableIsCut(SparkSession session) {
    Dataset<Row> table =
        session.createDataFrame(
            IntStream.range(0, 300)
                .mapToObj(i -> RowFactory.create((long) i, i % 3, new float[] {i, 2 * i}))
                .toList(),
            new StructType()
                .add("id", DataTypes.LongType)
                .add("label", DataTypes.IntegerType)
                .add("embedding", DataTypes.createArrayType(DataTypes.FloatType)));
    List<LabelledVector> some = LabelledVector.sample(table.repartition(1), 300, 40, col("id"));
    assertThat(some).hasSize(40);
    assertThat(some).allMatch(row -> row.values()[1] == 2 * row.values()[0]);
    assertThat(some).allMatch(row -> row.label() == (int) row.values()[0] % 3);
    // Not the first ones.
    assertThat(some).anyMatch(row -> row.values()[0] > 150);
    assertThat(LabelledVector.sample(table.repartition(7), 300, 40, col("id")))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(some);
    assertThat(LabelledVector.sample(table, 300, 1000, col("id"))).hasSize(300);
  }
}
