package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page's commands on tables, one after the other as they stand there, do what they say. */
class ShownTableCommandsTest {

  /** What the pages call runs, tables and exported flows. */
  private static final Pattern PLACE =
      Pattern.compile(
          "runs/(mine|t|o|b|table|default)(/.*)?|(table|new|orders)\\.parquet|new-scores|scored2?"
              + "|flow(-2|\\.npz)?");

  private final SparkSession spark = LocalSpark.session();

  @TempDir private Path folder;

  @BeforeEach
  void writeTables() {
    write(
        "table.parquet",
        "select id, if(id % 4 = 0, 'test', 'train') split, array('cat', 'dog')[id % 2] kind,"
            + " id % 50 = 0 fraud,"
            + " 1 + id % 3 w, 2019 + id % 4 year, date_add(date'2026-01-01', int(id % 90)) day,"
            + " array(randn(1), randn(2), randn(3)) vector"
            + " from range(0, 2000, 1, 2)");
    write(
        "new.parquet",
        "select *, vector embedding from (select id, 'dog' kind, date'2026-02-10' day,"
            + " array(randn(4), randn(5), randn(6)) vector from range(50))");
    write(
        "orders.parquet",
        "select concat('o-', id) as `order`, exp(randn(1)) price,"
            + " exp(randn(4)) weight, 100 + randn(5) distance, randn(6) shipping,"
            + " cast(4 + 2 * randn(2) as int) amount, id % 2 = 0 paid,"
            + " array('de', 'fr')[id % 2] country, if(id = 5, null, randn(3)) f1 from range(0, 1000, 1, 2)");
  }

  private void write(String name, String sql) {
    spark.sql(sql).write().parquet(folder.resolve(name).toString());
  }

  /** Runs the commands of a page that name a place of a pattern. */
  private List<String> run(String page, String places) throws IOException {
    return new ShownCommands(spark, this::placed)
        .run(page, command -> command.words().stream().anyMatch(word -> word.matches(places)));
  }

  private String placed(String word) {
    return word.startsWith("examples/")
        ? Repository.ROOT.resolve(word).toString()
        : PLACE.matcher(word).matches()
            ? folder
                .resolve(
                    word.replace("runs/default", "runs/mine")
                        .replaceFirst("^flow$", "runs/mine/flow"))
                .toString()
            : word;
  }

  private Dataset<Row> table(String name) {
    return spark.read().parquet(folder.resolve(name).toString());
  }

  private long rows(String table) {
    return table(table).count();
  }

  @Test
  @Tag("nightly")
  void ofTheTutorialAndThenOfTheFlowAsAFile() throws IOException {
    assertThat(run("docs/tutorial.md", "runs/mine"))
        .containsExactly(
            "submit/train-flow.sh",
            "submit/score.sh",
            "submit/score.sh",
            "submit/score.sh",
            "submit/evaluate.sh",
            "submit/report.sh",
            "submit/evaluate.sh",
            "submit/compare.sh",
            "submit/sample.sh");
    assertThat(folder.resolve("runs/mine/report/index.html")).isNotEmptyFile();
    assertThat(rows("runs/mine/scores")).isEqualTo(2000);
    assertThat(table("runs/mine/scores").where("(size(explanation) = 3) != anomaly").count())
        .isZero();
    assertThat(rows("runs/mine/new-scores")).isEqualTo(50);
    assertThat(rows("runs/mine/samples")).isEqualTo(1000);
    assertThat(rows("runs/mine/samples/neighbours")).isEqualTo(1000 + 500);

    assertThat(run("docs/interop.md", "runs/.*"))
        .containsExactly(
            "submit/export.sh", "submit/export.sh", "submit/import.sh", "submit/export.sh");
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    assertThat(Manifests.ofModel(hadoop, folder.resolve("runs/b/flow").toString()).get().id())
        .isEqualTo(
            Manifests.ofModel(hadoop, folder.resolve("runs/mine/flow").toString()).get().id());
  }

  @Test
  void ofTheReadmeOnAnyTable() throws IOException {
    assertThat(run("README.md", "runs/[to]"))
        .containsExactly("submit/pipeline.sh", "submit/pipeline.sh", "submit/score.sh");
    for (String run : List.of("runs/t", "runs/o")) {
      assertThat(folder.resolve(run).resolve("report/index.html")).isNotEmptyFile();
    }
    assertThat(rows("runs/t/scores")).isEqualTo(2000);
    assertThat(rows("new-scores")).isEqualTo(50);
    assertThat(columns("runs/o/scores"))
        .startsWith("id", "split", "label", "kind", "price", "quantity", "discount", "weight");
  }

  private String[] columns(String table) {
    return table(table).columns();
  }

  @Test
  @Tag("nightly")
  void ofTheFilesOnAnyTable() throws IOException {
    assertThat(run("docs/files.md", "runs/t"))
        .containsExactly("submit/train-flow.sh", "submit/score.sh");
    assertThat(
            table("runs/t/scores")
                .where("label_name = 'dog' and log_prob_label is not null")
                .count())
        .isEqualTo(50);
    assertThat(run("docs/files.md", "runs/o"))
        .containsExactly("submit/train-flow.sh", "submit/score.sh");
    assertThat(rows("runs/o/scores")).isEqualTo(1000);
  }

  @Test
  @Tag("nightly")
  void ofThePagesOfTheJobs() throws IOException {
    assertThat(run("docs/jobs/pipeline.md", "runs/table")).hasSize(1);
    assertThat(rows("runs/table/scores")).isEqualTo(2000);

    assertThat(run("docs/jobs/train-flow.md", "(table|new)\\.parquet")).hasSize(2);
    assertThat(folder.resolve("flow-2")).isDirectory();

    assertThat(run("docs/jobs/score.md", "runs/mine")).hasSize(4);
    assertThat(rows("runs/mine/scores")).isEqualTo(2000);
    assertThat(columns("runs/mine/scores")).contains("explanation");
    assertThat(rows("scored")).isEqualTo(50);
    assertThat(rows("scored2"))
        .isEqualTo(table("table.parquet").where("day > '2026-02-10'").count())
        .isPositive();

    assertThat(run("docs/jobs/evaluate.md", "fraud")).hasSize(1);
    assertThat(Files.readString(folder.resolve("runs/mine/evaluation/metrics.json")))
        .contains("\"fraud\"");
    assertThat(run("docs/jobs/compare.md", "runs/mine")).hasSize(2);
    assertThat(folder.resolve("runs/mine/comparison")).isNotEmptyDirectory();
  }
}
