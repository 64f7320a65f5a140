package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.realnvp.model.Json;
import dev.realnvp.scores.Drift;
import dev.realnvp.scores.Shift;
import dev.realnvp.spark.failure.DriftException;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of orders: new ones of the same kind, and some whose columns moved. */
class CompareTest {

  @TempDir static Path folder;

  private static Runs runs;

  @BeforeAll
  static void train() throws IOException {
    runs = Runs.in(folder, "overwrite=true", "flow.epochs=3", "flow.hidden=[16]");
    runs.train(
        "run",
        runs.write("orders", orders(1, 4000)),
        "table.features-cols=price,amount,country",
        "table.column-kinds=none",
        "table.where=price < 900",
        "table.label-col=kind");
  }

  /** Two kinds of orders, whose amounts follow from the prices. */
  private static Dataset<Row> orders(int seed, int count) {
    return runs.spark()
        .sql(
            ("select id number, kind, price, 3 + price / 100 + if(kind = 'b', 2, 0) + 0.3 * randn(%1$d + 2) amount,"
                    + " array('de', 'fr', 'it')[int(3 * rand(%1$d + 3))] country"
                    + " from (select id, if(rand(%1$d + 1) < 0.3, 'a', 'b') kind,"
                    + " exp(4 + 0.5 * randn(%1$d)) price from range(0, %2$d, 1, 3))")
                .formatted(100 * seed, count));
  }

  /** Writes the rows, and compares them by their place alone. */
  private static Drift compare(Dataset<Row> rows, String name, String... sets) throws IOException {
    runs.write(name, rows);
    return compare(name, sets);
  }

  private static Drift compare(String name, String... sets) throws IOException {
    return runs.with(sets)
        .run(
            new Compare(),
            "run",
            "compare.input=" + runs.path(name),
            "paths.comparison=" + runs.path(name + "-comparison"));
  }

  @Test
  void rowsOfTheSameKindHaveNotDrifted() throws IOException {
    // Neither ids nor classes are needed.
    Drift drift = compare(orders(2, 1500).drop("number", "kind"), "same");
    assertThat(drift.drifted()).isFalse();
    assertThat(drift.moved()).isEmpty();
    assertThat(drift.split()).isEqualTo("test");
    assertThat(drift.referenceRows()).isBetween(300L, 500L);
    assertThat(drift.features())
        .extracting(Shift::name)
        .containsExactlyInAnyOrder("price", "amount", "country=de", "country=fr", "country=it");
    JsonNode file = Json.tree(drift);
    assertThat(
            Json.read(
                Files.readString(folder.resolve("same-comparison/metrics.json")),
                JsonNode.class,
                ""))
        .isEqualTo(Json.read(file.toString(), JsonNode.class, ""));
    assertThat(file.get("classes").get("shares")).hasSize(2);
    var manifest = Manifests.ofTable(runs.spark(), runs.path("same-comparison")).orElseThrow();
    assertThat(manifest.kind()).isEqualTo("comparison");
    assertThat(manifest.parents()).containsOnlyKeys("flow");
    assertThat(manifest.config()).containsKeys("reference_data", "tables");
  }

  @Test
  void featuresThatMovedAreNamedTheFarthestFirst() throws IOException {
    Dataset<Row> moved =
        orders(3, 1500)
            .selectExpr(
                "kind",
                "price * 2 price",
                "amount + 0.4 amount",
                "if(country = 'it', 'fr', country) country");
    Drift drift = compare(moved, "moved");
    assertThat(drift.drifted()).isTrue();
    assertThat(drift.logProb().moved()).isTrue();
    assertThat(drift.logProb().mean()).isLessThan(drift.logProb().referenceMean());
    assertThat(drift.movedFeatures())
        .extracting(Shift::name)
        .startsWith("price")
        .contains("country=it", "country=fr")
        .doesNotContain("country=de");
    assertThat(drift.features())
        .isSortedAccordingTo((a, b) -> Double.compare(b.distance(), a.distance()));
    assertThat(drift.movedFeatures().get(0).deviations()).isGreaterThan(1);

    assertThatThrownBy(() -> compare("moved", "compare.fail-on-drift=true"))
        .isInstanceOf(DriftException.class)
        .hasMessageContainingAll(
            "moved where price < 900 has drifted from what flow", "log p(x), ");
    assertThat(folder.resolve("moved-comparison/metrics.json")).exists();
  }

  /** Each feature is as before, but they do not hang together any more. */
  @Test
  void theDensitySeesWhatNoFeatureShows() throws IOException {
    Dataset<Row> torn =
        orders(4, 1500)
            .selectExpr("number", "price", "country")
            .join(orders(5, 1500).selectExpr("number", "amount"), "number");
    Drift drift = compare(torn, "torn");
    assertThat(drift.moved()).startsWith("log p(x)").hasSizeLessThanOrEqualTo(2);
    assertThat(drift.movedFeatures()).isEmpty();
  }

  @Test
  void otherFilesAndAnotherOrderGiveTheSame() throws IOException {
    Dataset<Row> rows = orders(6, 900).cache();
    Drift some = compare(rows, "files", "compare.rows=500");
    assertThat(some.rows()).isBetween(450L, 550L);
    assertThat(compare(rows.orderBy("price").coalesce(1), "one-file", "compare.rows=500"))
        .isEqualTo(some);
    assertThat(compare(rows.repartition(7), "seven-files", "compare.rows=500")).isEqualTo(some);
    assertThat(Manifests.ofTable(runs.spark(), runs.path("files-comparison")).orElseThrow().id())
        .isEqualTo(
            Manifests.ofTable(runs.spark(), runs.path("seven-files-comparison"))
                .orElseThrow()
                .id());
  }

  /** Trains a flow in a run of that name, and returns the setting that names it. */
  private static String flow(String run, String table, String... sets) throws IOException {
    runs.train(
        run, Stream.of(Stream.of(table), Stream.of(sets)).flatMap(s -> s).toArray(String[]::new));
    return "paths.flow=" + runs.path(run + "/flow");
  }

  /**
   * The numbers that a flow is given are tested too: it says nothing of how they are distributed.
   */
  @Test
  void aFlowGivenNumbersIsComparedWithThem() throws IOException {
    String flow =
        flow(
            "given",
            runs.input("orders"),
            "table.features-cols=amount,country",
            "table.context-cols=price");
    assertThat(compare(orders(10, 1500), "given-same", flow).drifted()).isFalse();
    Drift drift = compare(orders(11, 1500).where("price < 60"), "given-moved", flow);
    assertThat(drift.movedFeatures()).extracting(Shift::name).startsWith("price");
    assertThat(drift.classes()).isNull();
  }

  /** What the comparison needs is kept with the flow. */
  @Test
  void theFlowsOwnTableMayBeRewrittenOrGo() throws IOException {
    String flow =
        flow(
            "kept",
            runs.write("rewritten", orders(20, 3000)),
            "table.features-cols=price,amount,country",
            "table.column-kinds=none",
            "flow.epochs=1");
    Drift drift =
        compare(orders(21, 3000).withColumn("amount", expr("amount + 2")), "rewritten", flow);
    assertThat(drift.movedFeatures()).extracting(Shift::name).contains("amount");
    FileUtils.deleteDirectory(folder.resolve("rewritten").toFile());
    assertThat(compare(orders(22, 1000), "is-gone", flow).drifted()).isFalse();
  }

  /** Embeddings of the same width can mean anything. */
  @Test
  void anotherAutoencodersEmbeddingsAreRefused() throws IOException {
    embeddings("of-a", "aaaa");
    embeddings("of-b", "bbbb");
    String flow = flow("a", runs.input("of-a"), "flow.epochs=1");
    String refused =
        "%s holds embeddings of autoencoder bbbb; flow %s was trained on those of aaaa"
            .formatted(runs.path("of-b"), runs.flow("a").manifest().id());
    runs.refused(false, new Score(), "a", runs.input("of-b")).contains(refused);
    runs.refused(false, new Compare(), "a", "compare.input=" + runs.path("of-b")).contains(refused);
    assertThat(compare("of-a", flow).drifted()).isFalse();
  }

  private static void embeddings(String name, String autoencoder) throws IOException {
    runs.write(
        name,
        "select id, array(float(randn(31)), float(randn(32))) embedding from range(0, 500, 1, 1)");
    Manifests.writeTable(
        new Configuration(),
        runs.path(name),
        Manifests.builder("embeddings")
            .id(name)
            .from("data", Map.of("autoencoder", autoencoder))
            .build());
  }

  @Test
  void aTableOfOtherColumnsOrOfOneRowIsRefused() {
    runs.write("lacking", orders(8, 10).drop("amount"));
    runs.refused(false, new Compare(), "run", "compare.input=" + runs.path("lacking"))
        .contains("amount");
    runs.write("one-row", orders(9, 1));
    runs.refused(false, new Compare(), "run", "compare.input=" + runs.path("one-row"))
        .isEqualTo("got 1 rows to compare, expected at least 2");
  }

  @Test
  void aFlowThatKeptNothingToCompareWithIsRefused() throws IOException {
    StoredModel flow = runs.flow("run");
    ModelDirectory.write(
        new Configuration(),
        runs.path("bare/flow"),
        SaveMode.ErrorIfExists,
        new StoredModel(flow.network(), flow.manifest(), flow.calibration()));
    runs.refused(false, new Compare(), "bare", "compare.input=" + runs.path("orders"))
        .isEqualTo(
            runs.path("bare/flow")
                + " has no reference.json, of the rows that it learnt: train it again");
  }
}
