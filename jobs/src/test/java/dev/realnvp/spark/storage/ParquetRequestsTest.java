package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.CountingStore;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.table.EmbeddingQuery;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.Tables;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the look at a table's files costs on an object store. */
@ExtendWith(LocalSpark.class)
class ParquetRequestsTest {

  private static final int ROWS = 50_000;
  private static final int ROWS_OF_A_PAGE = 100;

  private static long opening(SparkSession spark, String table) {
    CountingStore.requests();
    CountingStore.bytes();
    Tables.open(spark, table);
    return CountingStore.requests();
  }

  @Test
  void aFileOfTwoThousandPagesIsReadInLargeRangesAndOnce(SparkSession spark, @TempDir Path temp)
      throws Exception {
    CountingStore.register(spark.sparkContext().hadoopConfiguration());
    spark
        .range(0, ROWS, 1, 1)
        .selectExpr("id", "id * 7 as a", "sin(id) as b", "array(cos(id)) as embedding")
        .write()
        .option("parquet.page.row.count.limit", ROWS_OF_A_PAGE)
        .parquet(temp.resolve("table").toString());
    String table = "counted://" + temp.resolve("table");

    long first = opening(spark, table);
    long bytes = CountingStore.bytes();
    long second = opening(spark, table);

    // Not 2,000 more, one for each page.
    assertThat(first).isLessThan(20);
    assertThat(bytes).isLessThan(2 * size(temp.resolve("table")));
    // Of Spark alone, for the schema.
    assertThat(second).isLessThan(8);
  }

  @Test
  void onlyThePredicatesPartitionsAreOpened(SparkSession spark, @TempDir Path temp) {
    CountingStore.register(spark.sparkContext().hadoopConfiguration());
    spark
        .range(0, 300, 1, 1)
        .selectExpr(
            "id", "array(sin(id), cos(id)) v", "date_add(date'2026-01-01', int(id % 30)) day")
        .write()
        .partitionBy("day")
        .parquet(temp.resolve("days").toString());
    CountingStore.opened();
    EmbeddingTable table =
        Embeddings.read(
            spark,
            "counted://" + temp.resolve("days"),
            EmbeddingQuery.of(Features.of("v"), "", "", "day = '2026-01-17'", InvalidRows.REFUSE));
    assertThat(table.rows().count()).isEqualTo(10);
    // One more tells Spark the columns.
    assertThat(CountingStore.opened())
        .hasSizeLessThanOrEqualTo(2)
        .anyMatch(file -> file.contains("day=2026-01-17"));
  }

  /** Of a column of four megabytes that is no feature, nothing is read. */
  @Test
  void onlyTheColumnsThatAreReadAreChecked(SparkSession spark, @TempDir Path temp) {
    CountingStore.register(spark.sparkContext().hadoopConfiguration());
    spark
        .range(0, 1000, 1, 1)
        .selectExpr("id", "array(sin(id), cos(id)) v", "repeat(md5(cast(id as string)), 128) text")
        .write()
        .option("compression", "none")
        .option("parquet.page.row.count.limit", ROWS_OF_A_PAGE)
        .parquet(temp.resolve("wide").toString());
    CountingStore.bytes();
    EmbeddingTable table =
        Embeddings.read(
            spark,
            "counted://" + temp.resolve("wide"),
            EmbeddingQuery.of(Features.of("v"), "", "", "", InvalidRows.REFUSE));
    assertThat(table.count()).isEqualTo(1000);
    assertThat(CountingStore.bytes()).isLessThan(1_000_000);
  }

  private static long size(Path table) throws Exception {
    try (var files = Files.list(table)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
