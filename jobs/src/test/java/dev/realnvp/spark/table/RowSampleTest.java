package dev.realnvp.spark.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidRows;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which rows are drawn, and how many. */
class RowSampleTest {

  private static final int COUNT = 40_000;
  private static final int MOST = 4_000;

  private static final SparkSession spark = LocalSpark.session();
  private static Dataset<Row> rows;

  /** Half of the rows are equal, a quarter are pairs, and the others are all different. */
  @BeforeAll
  static void makeRows() {
    rows =
        spark.sql(
            "select id, array(float(case when id < 20000 then 7 when id < 30000 then id div 2"
                + " else id end), 1f) embedding from range(0, 40000, 1, 3)");
  }

  private static List<String> drawn(Dataset<Row> from) {
    return RowSample.of(from, COUNT, MOST, col("embedding"))
        .select(col("embedding").cast("string"))
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  @Test
  void equalRowsAreDrawnInProportion() {
    Dataset<Row> some = RowSample.of(rows, COUNT, MOST, col("embedding")).cache();
    assertThat(some.columns()).containsExactly("id", "embedding");
    double deviation = Math.sqrt(COUNT / 2 * 0.1 * 0.9);
    assertThat((double) some.count()).isCloseTo(MOST, within(4 * deviation));
    assertThat(some.where("embedding[0] = 7").count()).isBetween(2_000L, 2_001L);
    assertThat((double) some.where("embedding[0] between 10000 and 14999").count())
        .isCloseTo(1_000, within(4 * deviation));
    some.unpersist();
  }

  @Test
  void filesAndCoresDoNotMatter() {
    List<String> expected = drawn(rows);
    assertThat(drawn(rows.repartition(7).sortWithinPartitions(col("id").desc())))
        .isEqualTo(expected);
    assertThat(drawn(rows.withColumn("id", expr("-id")))).isEqualTo(expected);
  }

  @Test
  void allAreTakenWhereThereAreNoMore() {
    assertThat(RowSample.of(rows, COUNT, COUNT, col("embedding")).count()).isEqualTo(COUNT);
  }

  /** By the hash that holds a tenth of the rows out, a tenth of those would be all of them. */
  @Test
  void theDrawHasNothingToDoWithHoldingOut() {
    EmbeddingTable table =
        Embeddings.of(
                rows.where("id >= 20000"), EmbeddingQuery.of("embedding", InvalidRows.REFUSE), "")
            .holdOut(0.1);
    long held = table.splits().get(Split.TEST);
    Dataset<Row> some = RowSample.of(table.split(Split.TEST), held, held / 10, col("embedding"));
    assertThat((double) some.count()).isCloseTo(held / 10.0, within(4 * Math.sqrt(held * 0.09)));
  }
}
