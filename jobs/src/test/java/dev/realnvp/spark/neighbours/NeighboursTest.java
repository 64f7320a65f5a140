package dev.realnvp.spark.neighbours;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.neighbours.Neighbours.Neighbour;
import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.Embeddings;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a search by loops, in doubles. */
class NeighboursTest {

  private final SparkSession spark = LocalSpark.session();

  private static List<LabelledVector> random(long seed, int count, FeatureScaling scaling) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, count)
        .mapToObj(i -> new LabelledVector(i, i % 4 == 0 ? null : i % 4, row(random, scaling)))
        .toList();
  }

  private static float[] row(SplittableRandom random, FeatureScaling scaling) {
    float[] row = new float[scaling.mean().length];
    for (int j = 0; j < row.length; j++) {
      row[j] = (float) (scaling.mean()[j] + scaling.scale()[j] * random.nextGaussian());
    }
    return row;
  }

  /** Features of very different sizes, far from 0. */
  private static FeatureScaling scaling(int features) {
    return new FeatureScaling(
        IntStream.range(0, features).mapToDouble(j -> 100 * j).toArray(),
        IntStream.range(0, features).mapToDouble(j -> Math.pow(10, j % 5 - 2)).toArray());
  }

  private Dataset<Row> table(List<LabelledVector> rows, int partitions) {
    return spark
        .createDataFrame(
            rows.stream()
                .map(row -> RowFactory.create(row.id(), "train", row.label(), row.values()))
                .toList(),
            Embeddings.SCHEMA)
        .repartition(partitions);
  }

  private static double distance(float[] one, float[] other, FeatureScaling scaling) {
    double sum = 0;
    for (int j = 0; j < one.length; j++) {
      double off = (one[j] - (double) other[j]) / scaling.scale()[j];
      sum += off * off;
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 50, 700", "7, 20, 300, 1500", "3, 64, 1200, 300", "4, 9, 1, 1"})
  void areThoseThatLoopsFind(int partitions, int features, int count, int rows) {
    FeatureScaling scaling = scaling(features);
    List<LabelledVector> train = random(1, rows, scaling);
    List<LabelledVector> points = random(2, count, scaling);
    List<Neighbour> found =
        Neighbours.nearest(table(train, partitions), scaling::standardise, points);
    for (int i = 0; i < count; i++) {
      float[] point = points.get(i).values();
      LabelledVector nearest = null;
      for (LabelledVector row : train) {
        if (nearest == null
            || distance(point, row.values(), scaling)
                < distance(point, nearest.values(), scaling)) {
          nearest = row;
        }
      }
      assertThat(found.get(i).id()).isEqualTo(nearest.id());
      assertThat(found.get(i).label()).isEqualTo(nearest.label());
      assertThat(found.get(i).distance())
          .isCloseTo(distance(point, nearest.values(), scaling), within(1e-3));
    }
  }

  @Test
  void aCopyIsAtDistanceZeroAndTheLowestIdOfEqualOnesIsTaken() {
    FeatureScaling scaling = scaling(6);
    List<LabelledVector> train = new ArrayList<>(random(1, 400, scaling));
    for (int i = 0; i < 50; i++) {
      train.add(new LabelledVector(1000 + i, 3, train.get(i).values()));
    }
    List<LabelledVector> points = train.subList(400, 450);
    List<Neighbour> found = Neighbours.nearest(table(train, 5), scaling::standardise, points);
    for (int i = 0; i < 50; i++) {
      assertThat(found.get(i)).isEqualTo(new Neighbour(i, train.get(i).label(), 0));
    }
  }

  @Test
  void aPointThatIsNoNumberAndATableOfNoRowsHaveNone() {
    FeatureScaling scaling = scaling(2);
    List<LabelledVector> train = random(1, 3, scaling);
    List<LabelledVector> points =
        List.of(
            new LabelledVector(0, null, new float[] {Float.NaN, 0}),
            new LabelledVector(1, null, new float[] {0, Float.POSITIVE_INFINITY}),
            train.get(2));
    assertThat(Neighbours.nearest(table(train, 1), scaling::standardise, points))
        .containsExactly(null, null, new Neighbour(2, 2, 0));
    assertThat(Neighbours.nearest(table(train, 1).where("id > 5"), scaling::standardise, points))
        .containsOnlyNulls();
  }
}
