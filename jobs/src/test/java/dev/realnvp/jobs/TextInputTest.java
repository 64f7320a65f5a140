package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.model.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on tables in other files than Parquet. */
@ExtendWith(LocalSpark.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextInputTest {

  @TempDir static Path folder;

  private static final String ROWS =
      "select id, date_add(date'2026-01-01', int(id %% 3)) day, 'n' || id %% 7 note,"
          + " round(10 + randn(1), 2) price, id %% 4 + 1L quantity,"
          + " element_at(array('1', 'b', 'c'), int(id %% 3) + 1) kind, id %% 5 = 0 paid"
          + " from range(%d, %d, 1, 2)";

  private static final String[] SETS = {
    "table.features-cols=price,quantity,kind,paid", "table.types=kind string"
  };

  private Runs runs;
  private String model;

  @BeforeAll
  void train() throws IOException {
    runs = Runs.in(folder, SETS);
    runs.write("parquet", ROWS, 0, 600);
    model = runs.train("run", runs.input("parquet")).manifest().id();
    runs.score("run", runs.input("parquet"));
  }

  private DataFrameWriter<Row> writer(Dataset<Row> rows) {
    return rows.write().option("header", true).mode("overwrite");
  }

  @Test
  void theSameRowsAreTheSameModelAndScoresWhateverTheirFiles() throws IOException {
    Dataset<Row> rows = runs.table("parquet");
    writer(rows.repartition(3)).csv(runs.path("csv"));
    writer(rows).option("compression", "gzip").csv(runs.path("csv-gz"));
    writer(rows).json(runs.path("json"));
    writer(rows).option("compression", "gzip").json(runs.path("json-gz"));
    writer(rows).orc(runs.path("orc"));
    writer(rows).partitionBy("quantity").csv(runs.path("parts"));
    Manifest scores = manifest("run");
    for (String files :
        List.of("csv", "csv-gz/*.gz", "json", "json-gz", "orc", "parts/quantity=*")) {
      String run = "run-" + files.replaceAll("\\W", "");
      Manifest flow = runs.train(run, runs.input(files)).manifest();
      assertThat(flow.id()).as(files).isEqualTo(model);
      runs.score(run, runs.input(files));
      assertThat(manifest(run).config().get("rows_fingerprint"))
          .as(files)
          .isEqualTo(scores.config().get("rows_fingerprint"));
      if (!files.startsWith("parts")) {
        assertThat(manifest(run).data()).as(files).isEqualTo(scores.data());
        assertThat(runs.scores(run).schema()).as(files).isEqualTo(runs.scores("run").schema());
      }
    }
  }

  private Manifest manifest(String run) throws IOException {
    return Manifests.ofTable(runs.spark(), runs.path(run + "/scores")).orElseThrow();
  }

  @Test
  void newRowsHaveTheTypesOfTheTraining() throws IOException {
    // Whole prices, no text among the kinds, no day: each would be another type.
    Files.writeString(
        folder.resolve("new.csv"),
        "id,price,quantity,kind,paid,day\n1,10,2,1,true,\n2,11,1,1,false,\n3,,1,1,true,\n");
    runs.score(
        "run", runs.input("new.csv"), "skip-invalid=true", "paths.scores=" + runs.path("new"));
    assertThat(
            runs.table("new").selectExpr("kind").distinct().as(Encoders.STRING()).collectAsList())
        .containsExactly("1");
    assertThat(runs.table("new").where("log_prob is not null").count()).isEqualTo(2);
    Files.writeString(
        folder.resolve("bad.csv"), "id,price,quantity,kind,paid\n1,10,2,b,true\n2,n/a,1,b,true\n");
    runs.refused(
            false, new Score(), "run", runs.input("bad.csv"), "paths.scores=" + runs.path("no"))
        .isEqualTo(
            "Column 'price' of %s holds '10' (bad.csv) and 'n/a' (bad.csv), expected numbers; --missing TEXT takes a text as missing"
                .formatted(runs.path("bad.csv")));
    runs.score(
        "run",
        runs.input("bad.csv"),
        "table.missing=n/a",
        "skip-invalid=true",
        "paths.scores=" + runs.path("bad"));
    // A hole where the training saw none has no density.
    assertThat(runs.table("bad").where("log_prob is not null").count()).isEqualTo(1);
  }

  @Test
  void onlyNewerRowsOfAGrowingFolder() throws IOException {
    writer(runs.spark().sql(ROWS.formatted(600, 640))).csv(runs.path("grows"));
    runs.score(
        "run",
        runs.input("grows"),
        "paths.scores=" + runs.path("first"),
        "table.where=day < '2026-01-03'");
    List<String> newer =
        new ArrayList<>(
            List.of(
                "score.newer-than=" + runs.path("first"),
                "score.newer-by=day",
                runs.input("grows"),
                "paths.scores=" + runs.path("second")));
    runs.score("run", newer.toArray(String[]::new));
    assertThat(runs.table("second").select("day").distinct().collectAsList())
        .hasToString("[[2026-01-03]]");
    newer.set(0, "score.newer-than=" + runs.path("second"));
    newer.set(3, "paths.scores=" + runs.path("third"));
    assertThat(runs.score("run", newer.toArray(String[]::new))).isZero();
  }

  @Test
  void vectorsInJsonLines() throws IOException {
    runs.spark()
        .sql("select id, array(randn(1), randn(2), randn(3)) v from range(0, 300, 1, 2)")
        .write()
        .json(runs.path("vectors"));
    Runs vectors = Runs.in(folder, "table.features-col=v");
    assertThat(vectors.train("vectors-run", runs.input("vectors")).manifest().config())
        .containsEntry("features", 3);
  }
}
