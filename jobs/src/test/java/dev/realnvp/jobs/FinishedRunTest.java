package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A small run that is finished, and what a second start of the pipeline makes of it. */
class FinishedRunTest {

  private final PipelineRun finished = SharedRuns.images();
  private Runs runs;

  @TempDir private Path run;
  @TempDir private Path temp;

  /** A test has a run of its own to change: the finished one, moved. */
  @BeforeEach
  void copy() throws IOException {
    FileUtils.copyDirectory(finished.folder().resolve("run a").toFile(), run.toFile());
    runs = PipelineRun.small(run);
  }

  /** Every file of the run but its report, and which file on the disk it is. */
  private Map<String, Object> files() throws IOException {
    Map<String, Object> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(run)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(
            run.relativize(path).toString(),
            Files.readAttributes(path, BasicFileAttributes.class).fileKey());
      }
    }
    files.keySet().removeIf(file -> file.startsWith("report/"));
    return files;
  }

  private static Map<String, Object> of(Map<String, Object> files, String... outputs) {
    Map<String, Object> some = new TreeMap<>(files);
    some.keySet().removeIf(name -> Stream.of(outputs).noneMatch(o -> name.startsWith(o + "/")));
    return some;
  }

  @Test
  void isLeftAsItIsWithTheSameSettings() throws IOException {
    Map<String, Object> before = files();
    assertThat(runs.run(new Pipeline(), "", "overwrite=true")).isEqualTo(finished.metrics());
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void isRunAgainFromTheChangedStageOn() throws IOException {
    String change = "score.false-alarm-rate=0.1";
    Map<String, Object> before = files();
    runs.refused(false, new Pipeline(), "", change)
        .startsWith("score: score.false-alarm-rate was 0.01, is 0.1; --overwrite replaces");
    assertThat(files()).isEqualTo(before);

    Metrics changed = runs.run(new Pipeline(), "", change, "overwrite=true");
    assertThat(changed.figure("false_alarm_rate")).isEqualTo(0.1);
    assertThat(changed.figure("test_nll")).isEqualTo(finished.metrics().figure("test_nll"));
    Map<String, Object> after = files();
    String[] kept = {"images", "autoencoder", "classifier", "embeddings", "flow", "samples"};
    assertThat(of(after, kept)).isNotEmpty().isEqualTo(of(before, kept));
    for (String made : List.of("scores", "evaluation")) {
      assertThat(of(after, made).values())
          .as(made)
          .isNotEmpty()
          .doesNotContainAnyElementsOf(of(before, made).values());
    }
  }

  @Test
  void noJobReplacesTheRunOrWhatItReads() throws IOException {
    Map<String, Object> before = files();
    Path link = Files.createSymbolicLink(temp.resolve("link"), run);
    for (String output :
        List.of(
            run.toString(),
            run + "/flow",
            run.toUri().toString(),
            run + "/flow/../../" + run.getFileName(),
            run.getParent().toString(),
            link.toString(),
            link + "/embeddings")) {
      runs.refused(true, new Score(), "", "overwrite=true", "paths.scores=" + output)
          .as(output)
          .startsWith("setting paths.scores: expected a place without ");
    }
    PipelineRun.small(temp)
        .refused(
            false,
            new Sample(),
            "other",
            "overwrite=true",
            "paths.flow=" + run + "/flow",
            "paths.samples=" + run + "/scores")
        .contains("/scores exists already and is scores, which samples does not replace");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void isRefusedWhereAManifestIsTorn() throws IOException {
    tear("flow/manifest.json");
    Map<String, Object> before = files();
    runs.refused(false, new Pipeline(), "")
        .startsWith("train-flow: ")
        .contains("flow/manifest.json")
        .endsWith("the outdated outputs, of train-flow, score, sample, evaluate");
    assertThat(files()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "TRAIN_AUTOENCODER, autoencoder/manifest.json",
    "TRAIN_CLASSIFIER, classifier/model.zip",
    "EXTRACT_EMBEDDINGS, embeddings/_manifest.json",
    "EVALUATE, evaluation/metrics.json",
  })
  void aTornFileIsNamed(RunStage stage, String file) throws IOException {
    Path torn = tear(file);
    assertThat(unusable(stage)).contains("Checksum error: ", torn.toString());
    // Only on a local disk is there a sum, beside the file.
    Files.delete(torn.resolveSibling("." + torn.getFileName() + ".crc"));
    assertThat(unusable(stage)).startsWith(torn + " ");
  }

  @Test
  void aTableWithoutAllOfItsRowsOrWithoutItsManifestIsUnusable() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("images"))) {
      Files.delete(files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow());
    }
    assertThat(unusable(RunStage.INGEST))
        .matches(".*/images has \\d+ rows, and \\d+ by its manifest: it is not complete yet, .*");
    runs.refused(false, new TrainAutoencoder(), "", "paths.autoencoder=" + temp)
        .matches(".*/images has \\d+ rows, and \\d+ by its manifest: .*");
    Files.delete(run.resolve("images/_manifest.json"));
    assertThat(unusable(RunStage.INGEST)).endsWith("/images has no manifest");
  }

  @Test
  void aTableThatIsNoParquetIsUnusable() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("scores"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.writeString(file, "no Parquet");
        Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
      }
    }
    assertThat(unusable(RunStage.SCORE))
        .startsWith("cannot read " + run.resolve("scores") + " as Parquet: ");
  }

  @Test
  void aModelOfAnotherKindIsUnusable() throws IOException {
    FileUtils.deleteDirectory(run.resolve("flow").toFile());
    FileUtils.copyDirectory(run.resolve("autoencoder").toFile(), run.resolve("flow").toFile());
    assertThat(unusable(RunStage.TRAIN_FLOW)).endsWith("/flow holds autoencoder, not flow");
  }

  private String unusable(RunStage stage) throws IOException {
    Content<Manifest> output = StagePlan.output(Run.of(runs.spark(), runs.settings("")), stage);
    assertThat(output).isInstanceOf(Content.Absent.class);
    return ((Content.Absent<Manifest>) output).reason();
  }

  /** Leaves the first half of a file. */
  private Path tear(String name) throws IOException {
    Path file = run.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    return Files.write(file, Arrays.copyOf(whole, whole.length / 2));
  }
}
