package dev.realnvp.spark.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Values of other orders of magnitude do not decide what charts show. */
@ExtendWith(LocalSpark.class)
class RangesTest {

  private final SparkSession spark;

  RangesTest(SparkSession spark) {
    this.spark = spark;
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
  }
}
