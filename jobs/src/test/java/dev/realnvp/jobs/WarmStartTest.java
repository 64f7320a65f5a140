package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A training that goes on from an old flow. */
@ExtendWith(LocalSpark.class)
class WarmStartTest {

  /** A step that moves no weight so far that a loss shows it. */
  private static final String STANDS_STILL = "flow.learning-rate=1e-9";

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Manifest old;

  @BeforeAll
  static void trainTheOldFlow(SparkSession session) throws IOException {
    spark = session;
    table("rows", 0, "array('cat', 'dog')[id % 2]");
    old = train("old", "rows", "flow.batch-norm=true").manifest();
  }

  /** Two classes around a curve; moved by so much. */
  private static void table(String name, double moved, String label) {
    spark
        .sql(
            ("select id, if(id %% 5 = 0, 'test', 'train') split, %2$s label,"
                    + " array(10 * (x + %1$s), x * x + id %% 2 + 0.1 * randn(2), randn(3)) v"
                    + " from (select id, randn(1) x from range(0, 2000, 1, 2))")
                .formatted(moved, label))
        .write()
        .parquet(path(name));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Config settings(String flow, String table, String... sets) {
    return Settings.load(
        null,
        Stream.concat(
                Stream.of(
                    "paths.embeddings=" + path(table),
                    "paths.flow=" + path(flow),
                    "table.features-col=v",
                    "flow.epochs=3",
                    "flow.hidden=[16]",
                    "flow.couplings=3"),
                Stream.of(sets))
            .toList(),
        Map.of("run", path("run-" + flow)));
  }

  private static TrainFlow.Result train(String flow, String table, String... sets)
      throws IOException {
    return new TrainFlow().run(spark, settings(flow, table, sets));
  }

  private static TrainFlow.Result warm(String flow, String table, String... sets)
      throws IOException {
    return train(
        flow,
        table,
        Stream.concat(Stream.of("train.from=" + path("old")), Stream.of(sets))
            .toArray(String[]::new));
  }

  private static double last(Manifest manifest) {
    List<EpochStats> history = manifest.history();
    return history.get(history.size() - 1).validationLoss();
  }

  private static StoredModel model(String flow) throws IOException {
    return ModelDirectory.read(new Configuration(), path(flow), FlowModel.KIND);
  }

  @Test
  void beginsWithTheOldFlowsLossAndGetsBetter() throws IOException {
    // Without noise, which is drawn; the batch norm's statistics still follow the rows.
    Manifest standing =
        warm("standing", "rows", STANDS_STILL, "flow.epochs=1", "flow.noise=0").manifest();
    assertThat(standing.history()).hasSize(1);
    assertThat(last(standing)).isCloseTo(last(old), within(0.02));
    assertThat(standing.parents()).containsEntry("previous_flow", old.id());
    assertThat(standing.id()).isNotEqualTo(old.id());

    Manifest better = warm("better", "rows").manifest();
    assertThat(last(better)).isLessThan(last(old) - 0.05);
    assertThat(better.history().get(0).trainLoss()).isLessThan(old.history().get(2).trainLoss());
  }

  /** Rows that moved are seen through the old means: else the old weights would mean nothing. */
  @Test
  void keepsTheStandardisationAndTheStructureButNotTheSeed() throws IOException {
    table("moved", 0.5, "array('cat', 'dog')[id % 2]");
    warm("of-moved", "moved", "seed=7", "flow.epochs=1");
    RealNVP before = RealNVP.of(model("old").network());
    RealNVP after = RealNVP.of(model("of-moved").network());
    assertThat(after.scaling().orElseThrow().mean()).containsExactly(before.scaling().get().mean());
    assertThat(after.scaling().get().scale()).containsExactly(before.scaling().get().scale());
    assertThat(after.batchNorm()).isTrue();
    assertThat(after.network().params()).isNotEqualTo(before.network().params());
    // What follows from the rows alone is the new table's.
    assertThat(model("of-moved").calibration().orElseThrow().count()).isEqualTo(400);
  }

  @Test
  void refusesOtherFeaturesClassesAndStructures() {
    table("other-classes", 0, "array('cat', 'fox')[id % 2]");
    table("more-classes", 0, "array('cat', 'dog', 'fox')[id % 3]");
    spark
        .sql(
            "select id, array('cat', 'dog')[id % 2] label, array(randn(1), randn(2)) v from range(99)")
        .write()
        .parquet(path("fewer-features"));
    refuses("other-classes", "has classes [cat, fox]; expected [cat, dog], as flow " + old.id());
    refuses("more-classes", "has classes [cat, dog, fox]; expected [cat, dog]");
    refuses("fewer-features", "has 3 features, given 2 classes or numbers; ");
    refuses("rows", "structure than the settings of flow say", "flow.couplings=2");
    refuses(
        "rows",
        "layer 1: got LinearCouplingLayer, expected one of other sizes",
        "flow.hidden=[17]");
    refuses("rows", "expected SplineCouplingLayer", "flow.coupling=spline");
    assertThatThrownBy(() -> train("old", "rows", "train.from=" + path("old"), "overwrite=true"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(
            "setting paths.flow: expected a place without ", "(setting train.from)");
  }

  private static void refuses(String table, String message, String... sets) {
    assertThatThrownBy(() -> warm("refused", table, sets))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .message()
        .hasLineCount(1);
  }

  @Test
  void aPipelineIsUpToDateIfTheOldFlowIsTheSame() throws IOException {
    Config config =
        settings("new", "rows", "train.from=" + path("old"), "pipeline.input=" + path("rows"));
    new Pipeline().run(spark, config);
    String first = model("new").manifest().id();
    new Pipeline().run(spark, config);
    assertThat(model("new").manifest().id()).isEqualTo(first);

    train("other-old", "rows", "flow.epochs=1", "flow.batch-norm=true");
    Config other =
        settings(
            "new", "rows", "train.from=" + path("other-old"), "pipeline.input=" + path("rows"));
    assertThatThrownBy(() -> new Pipeline().run(spark, other))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train-flow: the flow to go on from was " + old.id() + ", is ");
    assertThatThrownBy(
            () ->
                new Pipeline()
                    .run(spark, settings("new", "rows", "pipeline.input=" + path("rows"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("the flow to go on from was " + old.id() + ", is none");
  }
}
