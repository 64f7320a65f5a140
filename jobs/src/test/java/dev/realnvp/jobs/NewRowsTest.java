package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A table that grows by the day, and scores of its first days. */
@ExtendWith(LocalSpark.class)
class NewRowsTest {

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void makeTable(SparkSession session) throws IOException {
    spark = session;
    spark
        .sql(
            "select concat('order-', id) as `order`, array(float(randn(1)), float(randn(2))) embedding,"
                + " date_add(date'2026-01-01', int(id % 90)) day from range(0, 2000, 1, 2)")
        .write()
        .parquet(path("orders"));
    new TrainFlow().run(spark, settings());
    score("paths.scores=" + path("old"), "table.where=day <= '2026-02-10'");
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Config settings(String... more) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + path("orders"),
                    "flow.epochs=2",
                    "flow.hidden=[8]",
                    "flow.couplings=2"),
                Stream.of(more))
            .toList(),
        Map.of("run", path("run")));
  }

  private static Score.Result score(String... sets) throws IOException {
    return new Score().run(spark, settings(sets));
  }

  private static Dataset<Row> table(String name) {
    return spark.read().parquet(path(name) + "/*.parquet");
  }

  @Test
  void onlyTheRowsThatAreNewerThanTheScoredOnesAreScored() throws IOException {
    score(
        "score.newer-than=" + path("old"),
        "score.newer-by=day",
        "table.where=embedding[0] is not null",
        "paths.scores=" + path("new"));
    Dataset<Row> scores = table("new");
    assertThat(scores.selectExpr("min(day)").first().getDate(0)).hasToString("2026-02-11");
    assertThat(scores.count()).isEqualTo(table("orders").where("day > '2026-02-10'").count());
    assertThat(table("old").select("order").union(scores.select("order")).distinct().count())
        .isEqualTo(2000);

    // Nothing is newer than these: nothing is written.
    Score.Result result =
        score(
            "score.newer-than=" + path("new"),
            "score.newer-by=day",
            "paths.scores=" + path("next"));
    assertThat(result.rows()).isZero();
    assertThat(folder.resolve("next")).doesNotExist();
  }

  /** In Berlin there are two times 02:30 in that night. */
  @Test
  void aChangeOfTheClockCountsNoRowTwice() throws IOException {
    String zone = spark.conf().get("spark.sql.session.timeZone");
    spark.conf().set("spark.sql.session.timeZone", "Europe/Berlin");
    try {
      spark
          .sql(
              "select id as `order`, array(float(randn(3)), float(randn(4))) embedding,"
                  + " timestamp_seconds(unix_seconds(timestamp'2026-10-24T23:00:00Z') + 1800 * id)"
                  + " at from range(0, 8, 1, 2)")
          .write()
          .parquet(path("night"));
      String of = "paths.embeddings=" + path("night");
      score(of, "paths.scores=" + path("before"), "table.where=`order` <= 5");
      score(
          of,
          "score.newer-than=" + path("before"),
          "score.newer-by=at",
          "paths.scores=" + path("after"));
      assertThat(table("before").count()).isEqualTo(6);
      assertThat(table("after").orderBy("order").select("order").collectAsList())
          .extracting(row -> row.getLong(0))
          .containsExactly(6L, 7L);
    } finally {
      spark.conf().set("spark.sql.session.timeZone", zone);
    }
  }

  /** Such a row is neither newer nor older than another one. */
  @Test
  void rowsWhoseValueIsNoneOrNotFiniteAreNeverNewer() throws IOException {
    spark
        .sql(
            "select id as `order`, array(float(randn(5)), float(randn(6))) embedding,"
                + " case id % 10 when 3 then double('NaN') when 4 then double('Infinity')"
                + " when 5 then null else double(id) end n from range(0, 100, 1, 2)")
        .write()
        .parquet(path("numbered"));
    String of = "paths.embeddings=" + path("numbered");
    score(of, "paths.scores=" + path("first"), "table.where=`order` < 50");
    Score.Result result =
        score(
            of,
            "score.newer-than=" + path("first"),
            "score.newer-by=n",
            "paths.scores=" + path("second"));
    assertThat(result.rows()).isEqualTo(35);
    assertThat(table("second").selectExpr("min(n)", "max(n)").first().toString())
        .isEqualTo("[50.0,99.0]");
  }

  @Test
  void whatCannotBeIsOneLine() {
    String than = "score.newer-than=" + path("old");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> score(than))
        .withMessageContaining("score.newer-by: got \"%s\" and \"\"".formatted(path("old")));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> score(than, "score.newer-by=when"))
        .withMessageContaining("has no column 'when', only split, label, order");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> score(than, "score.newer-by=log_prob"))
        .withMessageContaining("No rows of " + path("orders") + " where `log_prob` > ")
        .withMessageContaining("`log_prob` cannot be resolved");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> score(than, "score.newer-by=day", "table.where=size > 3"))
        .withMessageContainingAll(List.of("No rows of ", "size").toArray(String[]::new));
  }
}
