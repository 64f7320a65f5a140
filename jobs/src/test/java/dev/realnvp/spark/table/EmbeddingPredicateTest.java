package dev.realnvp.spark.table;

import static dev.realnvp.spark.table.TableFiles.CATS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of a table that a predicate chooses. */
class EmbeddingPredicateTest {

  private final SparkSession spark = LocalSpark.session();

  private TableFiles files;

  @BeforeEach
  void open(@TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @Test
  void aPredicateChoosesTheRows() {
    String path = files.write(CATS);
    EmbeddingTable table = files.read(path, "kind", "", "other between 4 and 8 and kind <> 'a'");
    assertThat(table.rows().select("id").as(Encoders.LONG()).collectAsList())
        .containsExactlyInAnyOrder(1L, 3L, 4L);
    assertThat(table.names().names()).containsExactly("b", "ä");
    assertThat(table.splits()).isEqualTo(Map.of("train", 3L, "test", 0L));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(path, "", "", "id > 99"))
        .withMessage(path + " where id > 99 holds no rows");
  }

  @Test
  void aPredicateThatMovesIsRefused() {
    String path =
        files.write(
            "select timestamp_seconds(id) ts, cast(id as string) s, array(float(id)) v from range(8)");
    for (String predicate :
        List.of(
            "ts < now()",
            "ts < current_timestamp",
            "ts < date_sub(current_date(), 3)",
            "ts < localtimestamp()",
            "unix_timestamp() > unix_timestamp(ts)",
            "ts < cast('now' as timestamp)",
            "ts < 'yesterday'",
            "date(ts) < date'today'",
            "s in (select cast(unix_timestamp() as string))")) {
      assertThatExceptionOfType(ConfigurationException.class)
          .as(predicate)
          .isThrownBy(() -> files.read(path, "", "", predicate))
          .withMessageStartingWith("No rows of " + path + " where " + predicate + ": ")
          .withMessageContaining("timestamp'2026-01-31 12:00:00'")
          .matches(e -> e.getMessage().lines().count() == 1);
    }
    assertThat(files.read(path, "", "", "ts < '1970-01-01 00:00:03Z' and s <> 'now'").count())
        .isEqualTo(3);
  }

  @Test
  void aViewThatMovesIsRefused(@TempDir Path temp) {
    spark.sql("create database moving location '" + temp.resolve("moving") + "'");
    try {
      spark.sql(
          "create table moving.t using parquet as"
              + " select timestamp_seconds(id) ts, array(float(id)) v from range(8)");
      spark.sql("create view moving.still as select * from moving.t where ts > '1970-01-01'");
      assertThat(files.read("moving.still", "", "", "").count()).isBetween(7L, 8L);
      for (String moving :
          List.of("where rand() < 0.5", "where ts < now()", "tablesample (50 percent)")) {
        spark.sql("create or replace view moving.v as select * from moving.t " + moving);
        assertThatExceptionOfType(InvalidInputException.class)
            .as(moving)
            .isThrownBy(() -> files.read("moving.v", "", "", ""))
            .withMessageStartingWith("moving.v may give other rows at each reading")
            .matches(e -> e.getMessage().lines().count() == 1);
      }
    } finally {
      spark.sql("drop database moving cascade");
    }
  }

  @Test
  void aPredicateThatIsNoneIsOneLine() {
    String path = files.write(CATS);
    for (String predicate :
        List.of("othr > 3", "other >", "other", "rand() < 0.5", "count(*) > 1", "id in (", "'")) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> files.read(path, "", "", predicate))
          .withMessageStartingWith("No rows of " + path + " where " + predicate + ": ")
          .matches(e -> e.getMessage().lines().count() == 1);
    }
  }
}
