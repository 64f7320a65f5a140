package dev.realnvp.jobs;

import static dev.realnvp.jobs.report.ReportPages.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.ClassMixture;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.spark.LocalSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** A table of 10,000 classes, from training to report. */
@ExtendWith(LocalSpark.class)
class ManyClassesTest {

  private static final int CLASSES = 10_000;

  @TempDir private Path folder;

  private Config settings(String... more) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of(
                    "flow.epochs=1",
                    "flow.hidden=[4]",
                    "flow.couplings=2",
                    "paths.embeddings=" + folder.resolve("table")),
                Stream.of(more))
            .toList(),
        Map.of("run", folder.resolve("run").toString()));
  }

  @Test
  @Tag("nightly")
  void areScoredInBoundedMemoryAndWithoutPosteriors(SparkSession spark) throws Exception {
    spark
        .sql(
            "select id, if(id % 4 = 0, 'test', 'train') split, int(9999 - id * 20) label,"
                + " array(float(id % 7 + randn(1)), float(randn(2))) embedding"
                + " from range(0, 400, 1, 2)")
        .write()
        .parquet(folder.resolve("table").toString());
    new TrainFlow().run(spark, settings());
    new Score().run(spark, settings());
    String scores = folder.resolve("run/scores").toString();
    assertThat(spark.read().parquet(scores).where("posterior is null").count()).isEqualTo(400);
    assertThat(
            spark
                .read()
                .parquet(scores)
                .where("predicted_label is not null and predicted_probability > 0")
                .count())
        .isEqualTo(400);

    Metrics metrics = new Evaluate().run(spark, settings());
    assertThat(metrics.figure("posterior_ece")).isBetween(0.0, 1.0);
    assertThat(metrics.figure("posterior_brier")).isNull();
    assertThat(metrics.classes()).hasSize(100);
    new Report().run(spark, settings());
    // The fifty worst, and a line of heads.
    assertThat(rowsUnder(folder.resolve("run/report/index.html"), "NLL, nats")).isEqualTo(51);

    String all = folder.resolve("all").toString();
    new Score()
        .run(
            spark,
            settings(
                "paths.scores=" + all, "table.where=id < 10", "score.posterior-classes=10000"));
    Row row = spark.read().parquet(all).where("id = 0").first();
    Row without = spark.read().parquet(scores).where("id = 0").first();
    assertThat(row.<Double>getAs("log_prob")).isEqualTo(without.<Double>getAs("log_prob"));
    assertThat(row.<Float>getList(row.fieldIndex("posterior"))).hasSize(CLASSES);
    assertThat(
            row.<Float>getList(row.fieldIndex("posterior")).stream()
                .mapToDouble(Float::doubleValue)
                .sum())
        .isCloseTo(1, within(1e-4));
  }

  private static int rowsUnder(Path page, String head) throws Exception {
    NodeList tables = parse(Files.readString(page)).getElementsByTagName("table");
    for (int i = 0; i < tables.getLength(); i++) {
      Element table = (Element) tables.item(i);
      if (table.getTextContent().contains(head)) {
        return table.getElementsByTagName("tr").getLength();
      }
    }
    return 0;
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
