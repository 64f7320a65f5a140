package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a user may write for files: a path, a glob, several of them. */
@ExtendWith(LocalSpark.class)
class TableNamesTest {

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void write(SparkSession session) {
    spark = session;
    // Each table has one row, its number; some names look like globs and lists.
    List<String> names = List.of("day=1", "day=2", "_day=3", "a,b", "a", "b", "x[12]", "x1", "e.f");
    LongStream.range(0, names.size())
        .forEach(n -> spark.range(n, n + 1, 1, 1).write().parquet(path(names.get((int) n))));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static List<Long> read(String... names) {
    String name = String.join(",", List.of(names).stream().map(TableNamesTest::path).toList());
    return ParquetInput.open(spark, name)
        .rows()
        .select("id")
        .as(Encoders.LONG())
        .collectAsList()
        .stream()
        .sorted()
        .toList();
  }

  private static void refuses(String name, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ParquetInput.open(spark, name))
        .withMessage(message);
  }

  @Test
  void aPathThatExistsIsTakenAsItIs() {
    assertThat(read("a,b")).containsExactly(3L);
    assertThat(read("x[12]")).containsExactly(6L);
    assertThat(read("e.f")).containsExactly(8L);
  }

  @Test
  void globsFindWhatIsNotHidden() {
    assertThat(read("day=*")).containsExactly(0L, 1L);
    assertThat(read("*day=?")).containsExactly(0L, 1L);
    assertThat(read("day={1,2}")).containsExactly(0L, 1L);
    assertThat(read("day=1/*.parquet")).containsExactly(0L);
    assertThat(read("x[1]")).containsExactly(7L);
  }

  @Test
  void severalPathsAndGlobsAreOneTable() {
    assertThat(read("a", "b", "day=[12]")).containsExactly(0L, 1L, 4L, 5L);
    refuses(
        path("a") + "," + path("c"),
        "%s does not exist: expected each of the paths in %s,%s"
            .formatted(path("c"), path("a"), path("c")));
  }

  /** Of Spark's own catalog, without another format. */
  @Test
  void aTableOfParquetIsCreatedAndReadByItsName() {
    spark.sql("create database plain location '" + path("plain") + "'");
    try {
      CatalogTable table = CatalogTable.output(spark, "plain.t").orElseThrow();
      table.requireWritable(true);
      table.write(spark.range(5).toDF(), 5, true, Map.of("of", "five"));
      assertThat(ParquetInput.open(spark, "plain.t").rows().count()).isEqualTo(5);
      assertThat(table.pinned().name()).isEqualTo("plain.t");
      assertThat(table.properties()).containsEntry("of", "five");
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> table.requireWritable(true))
          .withMessageContaining("cannot replace a table in one step");
    } finally {
      spark.sql("drop database plain cascade");
    }
  }

  @Test
  void whatIsNothingIsRefusedWithWhatItMayBe() {
    for (String nothing : List.of(path("c"), path("c*"), "no.such.table", "no.`/such`")) {
      refuses(
          nothing,
          nothing
              + " does not exist: expected Parquet (a path, a glob, or several with commas between"
              + " them), or the name of a table in Spark's catalog (catalog.db.table)");
    }
  }
}
