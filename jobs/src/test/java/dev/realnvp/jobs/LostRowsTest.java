package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.jobs.images.Ingest;
import dev.realnvp.spark.FaultyDisk;
import dev.realnvp.spark.storage.OutputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever writes a table counts the rows in its files before it takes its place. */
class LostRowsTest {

  private static final String MANIFEST = "_manifest.json";

  private final PipelineRun run = SharedRuns.images();

  @TempDir private Path temp;

  @BeforeEach
  void register() {
    FaultyDisk.register(run.spark().sparkContext().hadoopConfiguration());
  }

  @AfterEach
  void repair() {
    FaultyDisk.repair();
  }

  /** Jobs, and the tables that they write. */
  static Stream<Arguments> writers() {
    return Stream.of(
        Arguments.of(new Ingest(), "images"),
        Arguments.of(new ExtractEmbeddings(), "embeddings"),
        Arguments.of(new Score(), "scores"),
        Arguments.of(new Sample(), "samples"),
        Arguments.of(new Sample(), "samples/neighbours"));
  }

  /** A file of the table is lost on the way; what was there before stays. */
  @ParameterizedTest
  @MethodSource("writers")
  void aTableThatLostAFileIsNotPutInPlace(Job<?> job, String table) throws Exception {
    String setting = table.replaceFirst("/.*", "");
    String parent = table.contains("/") ? table.replaceFirst(".*/", "") : ".*tmp.*";
    Path output = Files.createDirectory(temp.resolve("output"));
    Files.writeString(output.resolve("old"), "old");
    Files.copy(
        run.folder().resolve("run a").resolve(setting).resolve(MANIFEST), output.resolve(MANIFEST));
    FaultyDisk.lose(
        to ->
            to.getName().startsWith("part-00000")
                && to.getName().endsWith(".parquet")
                && to.toString().contains("/.output.tmp-")
                && to.getParent().getName().matches(parent));
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(
            () ->
                run.runs()
                    .run(
                        job, "run a", "paths." + setting + "=faulty://" + output, "overwrite=true"))
        .withMessageMatching(
            "faulty:.*\\.output\\.tmp-.* has [\\d,]+ rows by its files, expected %,d: nothing was put in its place"
                .formatted(run.table(table).count()));
    assertThat(output).isDirectoryContaining("glob:**/old");
    assertThat(temp).isDirectoryNotContaining("glob:**/.*");
  }
}
