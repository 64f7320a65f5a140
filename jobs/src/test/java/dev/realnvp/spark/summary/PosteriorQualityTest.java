package dev.realnvp.spark.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.scores.Temperature;
import dev.realnvp.spark.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class PosteriorQualityTest {

  private static final StructType SCHEMA =
      new StructType()
          .add("label", DataTypes.IntegerType)
          .add("predicted_label", DataTypes.IntegerType)
          .add("predicted_probability", DataTypes.DoubleType)
          .add("posterior", DataTypes.createArrayType(DataTypes.FloatType, false));

  private final SparkSession spark = LocalSpark.session();

  private static Row row(Integer label, float... posterior) {
    int mostLikelyClass = 0;
    List<Float> list = new ArrayList<>();
    for (int k = 0; k < posterior.length; k++) {
      mostLikelyClass = posterior[k] > posterior[mostLikelyClass] ? k : mostLikelyClass;
      list.add(posterior[k]);
    }
    return RowFactory.create(label, mostLikelyClass, (double) posterior[mostLikelyClass], list);
  }

  private Dataset<Row> table(List<Row> rows) {
    return spark.createDataFrame(rows, SCHEMA);
  }

  @Test
  void isThatOfTheDefinitions() {
    // Bins of 1/15: 0.75 and 0.7625 are in the 12th, 1 in the last.
    PosteriorQuality quality =
        PosteriorQuality.of(
                table(
                    List.of(
                        row(0, 0.75f, 0.25f),
                        row(1, 0.7625f, 0.2375f),
                        row(1, 0f, 1f),
                        row(1, 0f, 1f))),
                null)
            .orElseThrow();
    assertThat(quality.ece()).isCloseTo(Math.abs(0.75 + 0.7625 - 1) / 4, within(1e-6));
    assertThat(quality.brier())
        .isCloseTo((2 * 0.25 * 0.25 + 2 * 0.7625 * 0.7625) / 4, within(1e-6));
    assertThat(quality.bins())
        .containsExactly(
            new PosteriorQuality.Bin(2, (0.75 + (double) 0.7625f) / 2, 0.5),
            new PosteriorQuality.Bin(2, 1, 1));
  }

  @Test
  void isThatOfOneRowAfterTheOther() {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    double[] off = new double[15];
    double brier = 0;
    for (int i = 0; i < 500; i++) {
      float first = (float) Math.pow(random.nextDouble(), 3) / 2;
      float second = (1 - first) * random.nextFloat();
      float[] posterior = {first, second, 1 - first - second};
      int label = random.nextInt(3);
      Row row = row(label, posterior);
      rows.add(row);
      off[(int) Math.ceil(row.getDouble(2) * 15) - 1] +=
          (row.getInt(1) == label ? 1 : 0) - row.getDouble(2);
      for (int k = 0; k < 3; k++) {
        brier += Math.pow(posterior[k] - (k == label ? 1 : 0), 2) / 500;
      }
    }
    double ece = 0;
    for (double bin : off) {
      ece += Math.abs(bin) / 500;
    }
    PosteriorQuality quality = PosteriorQuality.of(table(rows).repartition(3), null).orElseThrow();
    assertThat(quality.ece()).isCloseTo(ece, within(1e-9));
    assertThat(quality.brier()).isCloseTo(brier, within(1e-6));
  }

  @Test
  void aProbabilityThatIsAsGoodAsItSaysHasNoError() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(row(i % 4 == 0 ? 1 : 0, 0.75f, 0.25f));
    }
    assertThat(PosteriorQuality.of(table(rows), null).orElseThrow().ece())
        .isCloseTo(0, within(1e-9));
  }

  /** As if the scores had been made with these temperatures. */
  @Test
  void eachHalfIsJudgedAtTheTemperatureOfTheOther() {
    Temperature fitted = new Temperature(1, 3);
    double brier = 0;
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double power = 2 / fitted.ofOtherHalf(i);
      double first = Math.pow(0.75, power);
      double off = 1 - first / (first + Math.pow(0.25, power));
      brier += 2 * off * off / 20;
      Row row = row(0, 0.75f, 0.25f);
      rows.add(RowFactory.create(row.get(0), row.get(1), row.get(2), row.get(3), (double) i));
    }
    rows.add(RowFactory.create(1, null, null, null, null));
    Dataset<Row> scores =
        spark.createDataFrame(rows, SCHEMA.add("log_prob", DataTypes.DoubleType)).repartition(2);
    PosteriorQuality quality = PosteriorQuality.of(scores, fitted).orElseThrow();
    assertThat(quality.brier()).isCloseTo(brier, within(1e-6));
    assertThat(quality.bins()).hasSize(2);
  }

  @Test
  void rowsWithoutAKnownLabelDoNotCount() {
    List<Row> unknown =
        List.of(
            row(null, 0.75f, 0.25f),
            row(2, 0.75f, 0.25f),
            row(-1, 0.75f, 0.25f),
            RowFactory.create(1, null, null, null));
    assertThat(PosteriorQuality.of(table(unknown), null)).isEmpty();
    List<Row> rows = new ArrayList<>(unknown);
    rows.add(row(0, 1f, 0f));
    assertThat(PosteriorQuality.of(table(rows), null))
        .contains(new PosteriorQuality(0, 0.0, List.of(new PosteriorQuality.Bin(1, 1, 1))));
  }

  @Test
  void withoutPosteriorsThereIsNoScoreOfBrier() {
    List<Row> rows =
        List.of(RowFactory.create(0, 0, 0.8, null), RowFactory.create(1, 0, 0.8, null));
    PosteriorQuality quality = PosteriorQuality.of(table(rows), null).orElseThrow();
    assertThat(quality.ece()).isCloseTo(0.3, within(1e-9));
    assertThat(quality.brier()).isNull();
  }
}
