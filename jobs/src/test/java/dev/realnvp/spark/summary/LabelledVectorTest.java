package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class LabelledVectorTest {

  private final SparkSession session = LocalSpark.session();

  /** Every partition's own first rows, vectors and all, would be 20 MB. */
  @Test
  void noMoreThanTheSampleComesToTheDriver() {
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
  void theSameRowsAreSampledHoweverTheTableIsCut() {
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
