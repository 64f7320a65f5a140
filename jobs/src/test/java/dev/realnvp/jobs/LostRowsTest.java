package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.spark.FaultyDisk;
import dev.realnvp.spark.storage.OutputException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whoever writes a table counts the rows in its files before it takes its place. */
@ExtendWith(SharedRuns.class)
class LostRowsTest {

  private static final String MANIFEST = "_manifest.json";

  private final PipelineRun run;
  private final SparkSession spark;

  @TempDir private Path temp;

  LostRowsTest(PipelineRun run) {
    this.run = run;
    this.spark = run.spark();
  }

  @BeforeEach
  void register() {
    FaultyDisk.register(spark.sparkContext().hadoopConfiguration());
  }

  @AfterEach
  void repair() {
    FaultyDisk.repair();
  }

  /** A file of the table is lost on the way; what was there before stays. */
  private void assertNoticed(Job<?> job, String setting, String table, long rows) throws Exception {
    Path output = Files.createDirectory(temp.resolve("output"));
    Files.writeString(output.resolve("old"), "old");
    Files.copy(
        run.folder().resolve("run a").resolve(setting.replace("paths.", "")).resolve(MANIFEST),
        output.resolve(MANIFEST));
    FaultyDisk.lose(
        to ->
            to.getName().startsWith("part-00000")
                && to.getName().endsWith(".parquet")
                && to.toString().contains("/.output.tmp-")
                && to.getParent().getName().matches(table));
    Config config = run.settings("run a", setting + "=faulty://" + output, "overwrite=true");
    assertThatExceptionOfType(OutputException.class)
        .isThrownBy(() -> job.run(spark, config))
        .withMessageMatching(
            "faulty:.*\\.output\\.tmp-.* has [\\d,]+ rows by its files, expected %,d: nothing was put in its place"
                .formatted(rows));
    assertThat(output).isDirectoryContaining("glob:**/old");
    assertThat(temp).isDirectoryNotContaining("glob:**/.*");
  }

  @Test
  void ofImages() throws Exception {
    assertNoticed(new Ingest(), "paths.images", ".*tmp.*", run.table("images").count());
  }

  @Test
  void ofEmbeddings() throws Exception {
    assertNoticed(
        new ExtractEmbeddings(), "paths.embeddings", ".*tmp.*", run.table("embeddings").count());
  }

  @Test
  void ofScores() throws Exception {
    assertNoticed(new Score(), "paths.scores", ".*tmp.*", run.table("scores").count());
  }

  @Test
  void ofSamples() throws Exception {
    assertNoticed(new Sample(), "paths.samples", ".*tmp.*", run.table("samples").count());
  }

  @Test
  @Tag("nightly")
  void ofNeighbours() throws Exception {
    assertNoticed(
        new Sample(), "paths.samples", "neighbours", run.table("samples/neighbours").count());
  }
}
