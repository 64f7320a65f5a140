package dev.realnvp.submit;

import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.Report;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.LocalSpark;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** A driver that is killed, for real. */
@ExtendWith(LocalSpark.class)
class ResumeIT {

  private static final int SIGKILLED = 128 + 9;

  private final SparkSession spark;

  @TempDir private Path temp;

  ResumeIT(SparkSession spark) {
    this.spark = spark;
  }

  private List<String> training(String master, String table, String output) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("realnvp.home"), "submit", "train-flow.sh").toString());
    command.addAll(List.of("--master", master, "--input", table, "--output", output));
    command.addAll(List.of("--run", "run"));
    for (String setting :
        List.of(
            "train.workers=2",
            "table.features-col=v",
            "flow.couplings=2",
            "flow.hidden=[8]",
            "flow.batch=20",
            "flow.averaging-interval=1",
            "flow.epochs=6",
            "checkpoint.every-rounds=3")) {
      command.addAll(List.of("--set", setting));
    }
    return command;
  }

  private void killAfterTwoEpochs(List<String> command) throws Exception {
    Process driver =
        ScriptRun.process(temp, Map.of(), command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = driver.inputReader()) {
      assertThat(lines.lines().anyMatch(line -> line.contains("epoch 2/6"))).isTrue();
      driver.destroyForcibly();
    }
    assertThat(driver.waitFor()).isEqualTo(SIGKILLED);
  }

  private String id(String model) throws IOException {
    return Manifest.fromJson(Files.readString(temp.resolve(model).resolve("manifest.json"))).id();
  }

  private void assertTheReportShowsHowFarItIs() throws Exception {
    Config config = Settings.load(null, List.of(), Map.of("run", temp.resolve("run").toString()));
    new Report().run(spark, config);
    Document page = parse(Files.readString(temp.resolve("run/report/index.html")));
    assertSelfContained(page);
    assertThat(texts(page, "//li[h3 = 'train-flow']/p"))
        .singleElement()
        .asString()
        .matches("In training: epoch [2-4], after \\d+ batches a worker, at .*");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .singleElement()
        .asString()
        .startsWith("Losses of flow by epoch: after epoch ");
    // Of the undisturbed training and of the one that was killed.
    assertThat(temp.resolve("run/spark-events")).isDirectoryContaining("glob:**eventlog_v2_*");
    assertThat(texts(page, "//pre/code"))
        .singleElement()
        .asString()
        .contains("logDirectory=\"file:" + temp.resolve("run/spark-events") + "\"");
  }

  /** On another number of cores, and on the same rows in other files. */
  @Test
  void trainingOfKilledDriverGoesOnAndEndsWithTheSameBits() throws Exception {
    Dataset<Row> rows =
        spark.createDataFrame(
            IntStream.range(0, 400)
                .mapToObj(i -> RowFactory.create((Object) new float[] {i % 7, i % 11, i % 13}))
                .toList(),
            new StructType().add("v", DataTypes.createArrayType(DataTypes.FloatType)));
    Layouts.write(rows, 1, temp.resolve("table").toString());
    Layouts.write(rows, 5, temp.resolve("files").toString());
    assertThat(ScriptRun.of(temp, Map.of(), training("local[2]", "table", "undisturbed")).code())
        .isZero();

    killAfterTwoEpochs(training("local[2]", "table", "killed"));
    assertThat(temp.resolve("killed")).doesNotExist();
    assertTheReportShowsHowFarItIs();
    ScriptRun again = ScriptRun.of(temp, Map.of(), training("local[1]", "files", "killed"));

    assertThat(again.code()).isZero();
    assertThat(again.out()).anyMatch(line -> line.matches(" +goes on in epoch [2-4]/6 .*"));
    assertThat(id("killed")).isEqualTo(id("undisturbed"));
    assertThat(temp.resolve("run/checkpoints")).doesNotExist();
  }
}
