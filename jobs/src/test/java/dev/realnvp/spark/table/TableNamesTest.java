package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.CatalogTable;
import dev.realnvp.spark.text.TextHints;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
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
    return Tables.open(spark, name).rows().select("id").as(Encoders.LONG()).collectAsList().stream()
        .sorted()
        .toList();
  }

  private static void refuses(String name, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Tables.open(spark, name))
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
    assertThat(read("a", "b", "x[1]")).containsExactly(4L, 5L, 7L);
    refuses(
        path("a") + "," + path("c"),
        "%s does not exist: expected each of the paths in %s,%s"
            .formatted(path("c"), path("a"), path("c")));
  }

  @Test
  void aFileIsReadOnce() {
    assertThat(read("a", "a")).containsExactly(4L);
    assertThat(read("a/*.parquet", "a", "b/part-*", "b/*.parquet")).containsExactly(4L, 5L);
    assertThat(read("day=1/*.parquet", "day=*")).containsExactly(0L, 1L);
    String relative = Path.of("").toAbsolutePath().relativize(folder.resolve("a")).toString();
    for (String other : List.of(relative, "./" + relative, "file:" + path("b/../a"))) {
      assertThat(Tables.open(spark, path("a") + "," + other).rows().count()).isEqualTo(1);
    }
    // Of a folder that is no partition Spark reads nothing with the folder above.
    spark.range(9, 10, 1, 1).write().parquet(path("outer"));
    spark.range(10, 11, 1, 1).write().parquet(path("outer/inner"));
    assertThat(read("outer", "outer/inner")).containsExactly(9L, 10L);
    spark.range(11, 13).selectExpr("id", "id as n").write().partitionBy("n").parquet(path("p"));
    assertThat(read("p", "p/n=11", "p/n=12/*")).containsExactly(11L, 12L);
  }

  private static void writeParts(String name) {
    spark
        .sql("select id, if(id < 2, 'test', 'train') split, id % 2 n from range(4)")
        .coalesce(1)
        .write()
        .partitionBy("split", "n")
        .parquet(path(name));
  }

  @Test
  void foldersOfPartitionsAreColumnsHoweverTheyAreFound() {
    writeParts("parts");
    for (String name :
        List.of("parts", "parts/split=*", "parts/split=*/n=*", "parts/*/*/*.parquet")) {
      assertThat(Tables.open(spark, path(name)).rows().orderBy("id").collectAsList())
          .as(name)
          .hasToString("[[0,test,0], [1,test,1], [2,train,0], [3,train,1]]");
    }
    String both = path("parts/split=test") + "," + path("parts/split=train/n=0");
    assertThat(Tables.open(spark, both).rows().orderBy("id").collectAsList())
        .hasToString("[[0,test,0], [1,test,1], [2,train,0]]");
    // One path is taken as it is.
    assertThat(Tables.open(spark, path("parts/split=test")).rows().columns())
        .containsExactly("id", "n");
    assertThat(Tables.open(spark, path("parts/split=tes?")).rows().columns())
        .containsExactly("id", "split", "n");
  }

  @Test
  void partitionsOfSeveralTablesAreRefused() {
    writeParts("parts-1");
    writeParts("parts-2");
    for (String name :
        List.of(
            path("parts-?/split=test"),
            path("parts-1/split=test") + "," + path("a"),
            path("a") + "," + path("day=1"))) {
      assertThatExceptionOfType(InvalidInputException.class)
          .as(name)
          .isThrownBy(() -> Tables.open(spark, name))
          .withMessageContaining(
              "expected folders COLUMN=VALUE of one table, or none: their columns would be lost")
          .matches(e -> e.getMessage().lines().count() == 1);
    }
    // Spark's own refusal.
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Tables.open(spark, path("parts-1") + "," + path("parts-2")))
        .withMessageStartingWith("Cannot read " + path("parts-1") + ",")
        .matches(e -> e.getMessage().lines().count() == 1);
  }

  @Test
  void columnsThatOnlyNewerFilesHaveAreRead() {
    spark.sql("select 0L id, 1 day").write().partitionBy("day").parquet(path("grows"));
    spark
        .sql("select 1L id, 'x' note, 2 day union all select 2L, null, 3")
        .write()
        .mode("append")
        .partitionBy("day")
        .parquet(path("grows"));
    spark
        .sql("select 3L id, 1.5D size, 'z' note, 4 day")
        .write()
        .mode("append")
        .partitionBy("day")
        .parquet(path("grows"));
    Dataset<Row> rows =
        Tables.open(spark, path("grows"), "", column -> true, TextHints.NONE).rows();
    assertThat(rows.columns()).containsExactlyInAnyOrder("id", "note", "size", "day");
    assertThat(rows.select("id", "note", "size", "day").orderBy("id").collectAsList())
        .hasToString("[[0,null,null,1], [1,x,null,2], [2,null,null,3], [3,z,1.5,4]]");
    assertThat(
            Tables.open(spark, path("grows"), "day = 1", column -> true, TextHints.NONE)
                .rows()
                .columns())
        .containsExactly("id", "day");
    // Once more, when the files are known.
    assertThat(
            Tables.open(spark, path("grows"), "day > 1", column -> true, TextHints.NONE)
                .rows()
                .columns())
        .hasSize(4);
  }

  /** Of Spark's own catalog, without another format. */
  @Test
  void aTableOfParquetIsCreatedAndReadByItsName() {
    spark.sql("create database plain location '" + path("plain") + "'");
    try {
      CatalogTable table = CatalogTable.output(spark, "plain.t").orElseThrow();
      table.requireWritable(true);
      table.write(spark.range(5).toDF(), 5, true, Map.of("of", "five"));
      assertThat(Tables.open(spark, "plain.t").rows().count()).isEqualTo(5);
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
              + " does not exist: expected files of CSV, JSON lines, ORC or Parquet (a path, a glob, or several with commas between"
              + " them), or the name of a table in Spark's catalog (catalog.db.table)");
    }
  }
}
