package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Json;
import dev.realnvp.scores.Drift;
import dev.realnvp.scores.Shift;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.DriftException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tables of orders: new ones of the same kind, and some whose columns moved. */
@ExtendWith(LocalSpark.class)
class CompareTest {

  @TempDir static Path folder;

  private static SparkSession spark;

  @BeforeAll
  static void train(SparkSession session) throws IOException {
    spark = session;
    orders(1, 4000).write().parquet(path("orders"));
    new TrainFlow()
        .run(
            spark,
            settings(
                "paths.embeddings=" + path("orders"),
                "table.features-cols=price,amount,country",
                "table.where=price < 900",
                "table.label-col=kind",
                "flow.epochs=3",
                "flow.hidden=[16]",
                "flow.couplings=2"));
  }

  /** Two kinds of orders, whose amounts follow from the prices. */
  private static Dataset<Row> orders(int seed, int count) {
    return spark.sql(
        ("select id number, kind, price, 3 + price / 100 + if(kind = 'b', 2, 0) + 0.3 * randn(%1$d + 2) amount,"
                + " array('de', 'fr', 'it')[int(3 * rand(%1$d + 3))] country"
                + " from (select id, if(rand(%1$d + 1) < 0.3, 'a', 'b') kind,"
                + " exp(4 + 0.5 * randn(%1$d)) price from range(0, %2$d, 1, 3))")
            .formatted(100 * seed, count));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Config settings(String... sets) {
    return Settings.load(
        null,
        Stream.concat(Stream.of("overwrite=true"), Stream.of(sets)).toList(),
        Map.of("run", path("run")));
  }

  /** Writes the rows, and compares them by their place alone. */
  private static Drift compare(Dataset<Row> rows, String name, String... sets) throws IOException {
    rows.write().parquet(path(name));
    return new Compare()
        .run(
            spark,
            settings(
                Stream.concat(
                        Stream.of(
                            "compare.input=" + path(name),
                            "paths.comparison=" + path(name + "-comparison")),
                        Stream.of(sets))
                    .toArray(String[]::new)));
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
    var manifest = Manifests.ofTable(spark, path("same-comparison")).orElseThrow();
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
  }

  /** Each feature is as before, but they do not hang together any more. */
  @Test
  void theDensitySeesWhatNoFeatureShows() throws IOException {
    Dataset<Row> rows = orders(4, 1500);
    Dataset<Row> torn =
        rows.selectExpr("number", "price", "country")
            .join(orders(5, 1500).selectExpr("number", "amount"), "number");
    assertThat(compare(torn, "torn").moved()).startsWith("log p(x)").hasSizeLessThanOrEqualTo(2);
    assertThat(compare(torn, "torn-again").movedFeatures()).isEmpty();
  }

  @Test
  void otherFilesAndAnotherOrderGiveTheSame() throws IOException {
    Dataset<Row> rows = orders(6, 900).cache();
    Drift some = compare(rows, "files", "compare.rows=500");
    assertThat(some.rows()).isBetween(450L, 550L);
    assertThat(compare(rows.orderBy("price").coalesce(1), "one-file", "compare.rows=500"))
        .isEqualTo(some);
    assertThat(compare(rows.repartition(7), "seven-files", "compare.rows=500")).isEqualTo(some);
    assertThat(Manifests.ofTable(spark, path("files-comparison")).orElseThrow().id())
        .isEqualTo(Manifests.ofTable(spark, path("seven-files-comparison")).orElseThrow().id());
  }

  /**
   * The numbers that a flow is given are tested too: it says nothing of how they are distributed.
   */
  @Test
  void aFlowGivenNumbersIsComparedWithThem() throws IOException {
    String flow = "paths.flow=" + path("given");
    new TrainFlow()
        .run(
            spark,
            settings(
                flow,
                "paths.embeddings=" + path("orders"),
                "table.features-cols=amount,country",
                "table.context-cols=price",
                "flow.epochs=3",
                "flow.hidden=[16]",
                "flow.couplings=2"));
    assertThat(compare(orders(10, 1500), "given-same", flow).drifted()).isFalse();
    Drift drift = compare(orders(11, 1500).where("price < 60"), "given-moved", flow);
    assertThat(drift.movedFeatures()).extracting(Shift::name).startsWith("price");
    assertThat(drift.classes()).isNull();
  }

  private static String[] trained(String name) throws IOException {
    orders(20, 3000).write().parquet(path(name));
    String flow = "paths.flow=" + path(name + "-flow");
    new TrainFlow()
        .run(
            spark,
            settings(
                flow,
                "paths.embeddings=" + path(name),
                "table.features-cols=price,amount,country",
                "flow.epochs=1",
                "flow.hidden=[8]",
                "flow.couplings=2"));
    return new String[] {flow, "compare.input=" + path(name)};
  }

  /** What the comparison needs is kept with the flow. */
  @Test
  void theFlowsOwnTableMayBeRewrittenOrGo() throws IOException {
    String[] itself = trained("rewritten");
    orders(21, 3000)
        .withColumn("amount", org.apache.spark.sql.functions.expr("amount + 2"))
        .write()
        .mode("overwrite")
        .parquet(path("rewritten"));
    Drift drift = new Compare().run(spark, settings(itself));
    assertThat(drift.movedFeatures()).extracting(Shift::name).contains("amount");
    FileUtils.deleteDirectory(folder.resolve("rewritten").toFile());
    assertThat(compare(orders(22, 1000), "is-gone", itself[0]).drifted()).isFalse();
  }

  @Test
  void aFlowThatHasKeptNoRowsIsRefused() throws IOException {
    String[] itself = trained("bare");
    Path manifest = folder.resolve("bare-flow/manifest.json");
    String json = Files.readString(manifest);
    Files.delete(manifest.resolveSibling("reference.json"));
    Files.delete(manifest.resolveSibling(".manifest.json.crc"));
    Files.writeString(manifest, json.replaceFirst("\"reference_sha256\" : \"[0-9a-f]{64}\",", ""));
    assertThatThrownBy(() -> new Compare().run(spark, settings(itself)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no reference.json");
  }

  /** Embeddings of the same width can mean anything. */
  @Test
  void anotherAutoencodersEmbeddingsAreRefused() throws IOException {
    embeddings("of-a", "aaaa");
    embeddings("of-b", "bbbb");
    String[] flow = {"paths.flow=" + path("flow-of-a"), "table.features-col=embedding"};
    String[] sets =
        Stream.of(
                flow[0],
                flow[1],
                "flow.epochs=1",
                "flow.hidden=[8]",
                "flow.couplings=2",
                "paths.embeddings=" + path("of-a"))
            .toArray(String[]::new);
    new TrainFlow().run(spark, settings(sets));
    sets[5] = "paths.embeddings=" + path("of-b");
    String refused =
        "%s holds embeddings of autoencoder bbbb; flow %s was trained on those of aaaa"
            .formatted(
                path("of-b"),
                Manifests.ofModel(new Configuration(), path("flow-of-a")).orElseThrow().id());
    assertThatThrownBy(() -> new Score().run(spark, settings(sets)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(refused);
    assertThatThrownBy(
            () -> new Compare().run(spark, settings(flow[0], "compare.input=" + path("of-b"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(refused);
    assertThat(
            new Compare().run(spark, settings(flow[0], "compare.input=" + path("of-a"))).drifted())
        .isFalse();
  }

  private static void embeddings(String name, String autoencoder) throws IOException {
    spark
        .sql(
            "select id, array(float(randn(31)), float(randn(32))) embedding from range(0, 500, 1, 1)")
        .write()
        .parquet(path(name));
    Manifests.writeTable(
        new Configuration(),
        path(name),
        Manifests.builder("embeddings")
            .id(name)
            .from("data", Map.of("autoencoder", autoencoder))
            .build());
  }

  @Test
  void aDriftIsAFailureIfThatIsWanted() {
    assertThatThrownBy(
            () ->
                compare(
                    orders(7, 500).selectExpr("price + 50 price", "amount", "country"),
                    "failing",
                    "compare.fail-on-drift=true"))
        .isInstanceOf(DriftException.class)
        .hasMessageContainingAll(
            "failing where price < 900 has drifted from what flow", "log p(x), 1 of 5 features");
    assertThat(folder.resolve("failing-comparison/metrics.json")).exists();
  }

  @Test
  void aTableThatIsNotThereOrHasOtherColumnsIsRefused() {
    assertThatThrownBy(() -> new Compare().run(spark, settings()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("compare.input: expected a table");
    assertThatThrownBy(() -> new Compare().run(spark, settings("compare.input=" + path("none"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("there is no " + path("none") + " (setting compare.input)");
    assertThatThrownBy(() -> compare(orders(8, 10).drop("amount"), "lacking"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("amount");
    assertThatThrownBy(() -> compare(orders(9, 1), "one-row"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("got 1 rows to compare, expected at least 2");
  }
}
