package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table that grows by the day, and scores of its first days. */
class NewRowsTest {

  @TempDir static Path folder;

  private static Runs runs;

  @BeforeAll
  static void makeTable() throws IOException {
    runs = Runs.in(folder);
    runs.write(
        "orders",
        "select concat('order-', id) as `order`, array(float(randn(1)), float(randn(2))) embedding,"
            + " date_add(date'2026-01-01', int(id % 90)) day from range(0, 2000, 1, 2)");
    runs.train("run", runs.input("orders"));
  }

  /** Scores the rows of a table that the predicate allows. */
  private static long score(String table, String where, String scores, String... sets)
      throws IOException {
    return runs.with(sets)
        .score(
            "run", runs.input(table), "table.where=" + where, "paths.scores=" + runs.path(scores));
  }

  /** Scores the rows of a table that are newer than scored ones. */
  private static long newer(String table, String where, String column, String than, String scores)
      throws IOException {
    return score(
        table, where, scores, "score.newer-than=" + runs.path(than), "score.newer-by=" + column);
  }

  @Test
  void onlyTheRowsThatAreNewerThanTheScoredOnesAreScored() throws IOException {
    score("orders", "day <= '2026-02-10'", "old");
    newer("orders", "embedding[0] is not null", "day", "old", "new");
    var scores = runs.table("new");
    assertThat(scores.selectExpr("min(day)").first().getDate(0)).hasToString("2026-02-11");
    assertThat(scores.count()).isEqualTo(runs.table("orders").where("day > '2026-02-10'").count());
    assertThat(runs.table("old").select("order").union(scores.select("order")).distinct().count())
        .isEqualTo(2000);

    // Nothing is newer than these: nothing is written.
    assertThat(newer("orders", "", "day", "new", "next")).isZero();
    assertThat(folder.resolve("next")).doesNotExist();
  }

  /** In Berlin there are two times 02:30 in that night. */
  @Test
  void aChangeOfTheClockCountsNoRowTwice() throws IOException {
    SparkSession spark = runs.spark();
    String zone = spark.conf().get("spark.sql.session.timeZone");
    spark.conf().set("spark.sql.session.timeZone", "Europe/Berlin");
    try {
      runs.write(
          "night",
          "select id as `order`, array(float(randn(3)), float(randn(4))) embedding,"
              + " timestamp_seconds(unix_seconds(timestamp'2026-10-24T23:00:00Z') + 1800 * id)"
              + " at from range(0, 8, 1, 2)");
      score("night", "`order` <= 5", "before");
      newer("night", "", "at", "before", "after");
      assertThat(runs.table("before").count()).isEqualTo(6);
      assertThat(runs.table("after").orderBy("order").select("order").collectAsList())
          .extracting(row -> row.getLong(0))
          .containsExactly(6L, 7L);
    } finally {
      spark.conf().set("spark.sql.session.timeZone", zone);
    }
  }

  /** Such a row is neither newer nor older than another one. */
  @Test
  void rowsWhoseValueIsNoneOrNotFiniteAreNeverNewer() throws IOException {
    runs.write(
        "numbered",
        "select id as `order`, array(float(randn(5)), float(randn(6))) embedding,"
            + " case id % 10 when 3 then double('NaN') when 4 then double('Infinity')"
            + " when 5 then null else double(id) end n from range(0, 100, 1, 2)");
    score("numbered", "`order` < 50", "first");
    assertThat(newer("numbered", "", "n", "first", "second")).isEqualTo(35);
    assertThat(runs.table("second").selectExpr("min(n)", "max(n)").first().toString())
        .isEqualTo("[50.0,99.0]");
  }
}
