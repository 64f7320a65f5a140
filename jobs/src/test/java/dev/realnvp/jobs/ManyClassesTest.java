package dev.realnvp.jobs;

import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.jobs.report.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table of 10,000 classes, from training to report. */
class ManyClassesTest {

  private static final int CLASSES = 10_000;

  @TempDir private Path folder;

  @Test
  @Tag("nightly")
  void areScoredInBoundedMemoryAndWithoutPosteriors() throws Exception {
    Runs runs = Runs.in(folder, "flow.hidden=[4]");
    String table =
        runs.write(
            "table",
            "select id, if(id % 4 = 0, 'test', 'train') split, int(9999 - id * 20) label,"
                + " array(float(id % 7 + randn(1)), float(randn(2))) embedding"
                + " from range(0, 400, 1, 2)");
    runs.train("run", table);
    runs.score("run", table);
    assertThat(
            runs.scores("run")
                .where("posterior is null and predicted_label >= 0 and predicted_probability > 0")
                .count())
        .isEqualTo(400);

    Metrics metrics = runs.run(new Evaluate(), "run", table);
    assertThat(metrics.figure("posterior_ece")).isBetween(0.0, 1.0);
    assertThat(metrics.figure("posterior_brier")).isNull();
    assertThat(metrics.classes()).hasSize(100);
    runs.run(new Report(), "run");
    // The fifty worst, and a line of heads.
    assertThat(
            texts(
                parse(Files.readString(folder.resolve("run/report/index.html"))),
                "//table[contains(., 'NLL, nats')][1]//tr"))
        .hasSize(51);

    runs.score(
        "run",
        table,
        "paths.scores=" + runs.path("all"),
        "table.where=id < 10",
        "score.posterior-classes=10000");
    Row row = runs.table("all").where("id = 0").first();
    Row without = runs.scores("run").where("id = 0").first();
    assertThat(row.<Double>getAs("log_prob")).isEqualTo(without.<Double>getAs("log_prob"));
    var posterior = row.<Float>getList(row.fieldIndex("posterior"));
    assertThat(posterior).hasSize(CLASSES);
    assertThat(posterior.stream().mapToDouble(Float::doubleValue).sum()).isCloseTo(1, within(1e-4));
  }

  /** Two numbers of each row and class. */
  @Test
  void takeSomeMegabytesPerTaskHoweverManyThereAre() {
    for (int classes : new int[] {1000, CLASSES, 100_000}) {
      assertThat(2L * Double.BYTES * classes * ClassMixture.rowsAtOnce(classes))
          .isBetween(30L << 20, 32L << 20);
    }
    assertThat(ClassMixture.rowsAtOnce(10_000_000)).isOne();
  }
}
