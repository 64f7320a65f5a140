package dev.realnvp.submit;

import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.jobs.Report;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.Layouts;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.storage.OutputInUseException;
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
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** A driver that is killed, for real; and before that, a second one with the same output. */
class ResumeIT {

  private static final int SIGKILLED = 128 + 9;

  private static final String[] SETTINGS = {
    "train.workers=2",
    "table.features-col=v",
    "flow.couplings=2",
    "flow.hidden=[8]",
    "flow.batch=50",
    "flow.averaging-interval=1",
    "flow.epochs=9",
    "checkpoint.every-rounds=3",
    // Much longer than it is suspended.
    "output.lease-seconds=3600"
  };

  private final SparkSession spark = LocalSpark.session();

  @TempDir private Path temp;

  private List<String> training(String master, String table) {
    return ScriptRun.command(
        "train-flow.sh",
        List.of("--master", master, "--input", table, "--output", "model", "--run", "run"),
        ScriptRun.each("--set", SETTINGS));
  }

  /** In this process, where it takes no time. */
  private String train(String table, String run, String model) throws IOException {
    List<String> sets = new ArrayList<>(List.of(SETTINGS));
    sets.add("paths.embeddings=" + temp.resolve(table));
    sets.add("paths.flow=" + temp.resolve(model));
    Config config = Settings.load(null, sets, Map.of("run", temp.resolve(run).toString()));
    return new TrainFlow().run(spark, config).manifest().id();
  }

  /** Suspended at that point, so that it is still alive when another one comes. */
  private void killAfterTwoEpochs(List<String> command) throws Exception {
    Process driver =
        ScriptRun.process(temp, ScriptRun.kernels(), command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = driver.inputReader()) {
      assertThat(lines.lines().anyMatch(line -> line.contains("epoch 2/9"))).isTrue();
      new ProcessBuilder("kill", "-STOP", "" + driver.pid()).start().waitFor();
      assertThatThrownBy(() -> train("table", "run", "model"))
          .isInstanceOf(OutputInUseException.class)
          .hasMessageMatching(
              "Output .*/model is being written by realnvp-spark TrainFlow \\(process "
                  + driver.pid()
                  + " on host .+, since .+ UTC\\): wait for it, or write to another place");
      assertThat(driver.isAlive()).isTrue();
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
        .matches("In training: epoch [2-8], after \\d+ batches a worker, at .*");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .singleElement()
        .asString()
        .startsWith("Losses of flow by epoch: after epoch ");
    // Of the training that was killed.
    assertThat(temp.resolve("run/spark-events")).isDirectoryContaining("glob:**eventlog_v2_*");
    assertThat(texts(page, "//pre/code"))
        .singleElement()
        .asString()
        .contains("logDirectory=\"file:" + temp.resolve("run/spark-events") + "\"");
  }

  /** On another number of cores, on the same rows in other files, with the dead one's outputs. */
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
    String undisturbed = train("table", "undisturbed", "undisturbed-model");

    killAfterTwoEpochs(training("local[2]", "table"));
    assertThat(temp.resolve("model")).doesNotExist();
    assertTheReportShowsHowFarItIs();
    ScriptRun again = ScriptRun.of(temp, ScriptRun.kernels(), training("local[1]", "files"));

    assertThat(again.done().out()).anyMatch(line -> line.matches(" +goes on in epoch [2-8]/9 .*"));
    assertThat(id("model")).isEqualTo(undisturbed);
    assertThat(temp.resolve("run/checkpoints")).doesNotExist();
    assertThat(temp.resolve("run")).isDirectoryNotContaining("glob:**/.*");
    assertThat(temp).isDirectoryNotContaining("glob:**/.*");
  }
}
