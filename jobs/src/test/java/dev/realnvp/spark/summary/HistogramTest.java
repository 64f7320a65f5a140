package dev.realnvp.spark.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class HistogramTest {

  private static final float[] VALUES = {
    -5, Float.NEGATIVE_INFINITY, 0, 0.5f, 0.99f, 1, 1.01f, Float.POSITIVE_INFINITY, Float.NaN
  };

  private final SparkSession spark = LocalSpark.session();

  private Dataset<Row> table(float... values) {
    List<Row> rows = new ArrayList<>(List.of(RowFactory.create((Object) null)));
    for (float value : values) {
      rows.add(RowFactory.create((double) value));
    }
    return spark.createDataFrame(rows, new StructType().add("v", DataTypes.DoubleType));
  }

  @Test
  void countsEachValueOnceAndNotWhatIsNone() {
    for (Histogram histogram :
        List.of(Histogram.of(VALUES, 0, 1, 4), Histogram.of(table(VALUES), "v", 0, 1, 4))) {
      assertThat(histogram.counts()).containsExactly(1, 0, 1, 2);
      assertThat(histogram.below()).isEqualTo(2);
      assertThat(histogram.above()).isEqualTo(2);
      assertThat(histogram.total()).isEqualTo(8);
      assertThat(histogram.edge(3)).isEqualTo(0.75);
      // Two of eight, in a width of a quarter.
      assertThat(histogram.density(3)).isEqualTo(1.0);
    }
  }

  @Test
  void aColumnsRangeIsThatOfItsQuantiles() {
    ValueRange range = ValueRange.of(spark.range(10_001).selectExpr("double(id) x"), "x").get();
    assertThat(range.low()).isCloseTo(50, within(20.0));
    assertThat(range.high()).isCloseTo(9950, within(20.0));
  }

  @Test
  void aTailOfOtherSizesIsCut() {
    ValueRange range =
        ValueRange.of(spark.range(1001).selectExpr("if(id % 20 = 0, -1e9, double(id) / 10) x"), "x")
            .get();
    assertThat(range.high()).isCloseTo(100, within(2.0));
    assertThat(range.low()).isBetween(-700.0, -300.0);
    ValueRange constant =
        ValueRange.of(spark.range(1000).selectExpr("if(id < 100, 9d, 5d) x"), "x").get();
    assertThat(constant).isEqualTo(new ValueRange(5, 9));
    assertThat(ValueRange.of(table(Float.NaN, Float.POSITIVE_INFINITY), "v")).isEmpty();
  }

  @Test
  void aRangeIsWidenedForAnotherButNotWithoutEnd() {
    ValueRange range = new ValueRange(10, 12);
    assertThat(range.widenedFor(new ValueRange(9, 11))).isEqualTo(new ValueRange(9, 12));
    assertThat(range.widenedFor(new ValueRange(-1e9, 1e9))).isEqualTo(new ValueRange(4, 18));
    ValueRange point = new ValueRange(3, 3).withWidth();
    assertThat(point.high() - point.low()).isCloseTo(1, within(1e-12));
  }
}
