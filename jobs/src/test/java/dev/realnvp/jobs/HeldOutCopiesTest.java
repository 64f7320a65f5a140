package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tables of few distinct rows: what is held out of them is a share of the rows. */
@ExtendWith(LocalSpark.class)
class HeldOutCopiesTest {

  private static final int ROWS = 20_000;
  private static final double RATE = 0.01;

  @TempDir static Path folder;

  private final SparkSession spark;

  HeldOutCopiesTest(SparkSession spark) {
    this.spark = spark;
  }

  /** Rows of three columns of four categories each, 64 distinct ones, the rarest of 1 in 8,000. */
  private String write(String name, String id, int seed) {
    String path = folder.resolve(name).toString();
    String kinds = "";
    for (int k = 0; k < 3; k++) {
      kinds +=
          ", case when u%1$d < 0.6 then 'a' when u%1$d < 0.85 then 'b' when u%1$d < 0.95 then 'c' else 'd' end k%1$d"
              .formatted(k);
    }
    spark
        .sql(
            "select %s%s from (select id, rand(%d) u0, rand(%d) u1, rand(%d) u2 from range(0, %d, 1, 2))"
                .formatted(id, kinds, seed, seed + 1, seed + 2, ROWS))
        .write()
        .parquet(path);
    return path;
  }

  private Config settings(String run, String table, String... more) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + table,
                    "flow.epochs=4",
                    "flow.trim=0",
                    "flow.hidden=[32]",
                    "flow.couplings=4"),
                Stream.of(more))
            .toList(),
        Map.of("run", folder.resolve(run).toString()));
  }

  private Dataset<Row> scores(String run) {
    return spark.read().parquet(folder.resolve(run) + "/scores/*.parquet");
  }

  /** Held-out rows set the threshold, new ones of the same distribution are marked. */
  private void marksTheShareThatIsSaid(String run, String id) throws IOException {
    Manifest manifest =
        new TrainFlow()
            .run(spark, settings(run, write(run + ".parquet", id, 1), "table.features-cols=k*"))
            .manifest();
    long held = ROWS - manifest.history().get(0).examples();
    assertThat((double) held).isCloseTo(0.1 * ROWS, within(4 * Math.sqrt(0.09 * ROWS)));
    new Score().run(spark, settings(run, write(run + "-new.parquet", id, 11)));
    double marked = scores(run).where("anomaly").count() / (double) ROWS;
    double error = Math.sqrt(RATE * (1 - RATE) * (1.0 / ROWS + 1.0 / held));
    assertThat(marked).isCloseTo(RATE, within(2 * error));
    new Score()
        .run(spark, settings(run, folder.resolve(run + ".parquet").toString(), "overwrite=true"));
    assertThat(scores(run).where("split = 'test'").count()).isEqualTo(held);
  }

  @Test
  void newRowsOfCategoriesAreMarkedAtTheRate() throws IOException {
    marksTheShareThatIsSaid("categories", "1 one");
  }

  @Test
  @Tag("nightly")
  void soAreRowsThatHaveIds() throws IOException {
    marksTheShareThatIsSaid("identified", "id");
  }
}
