package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.jobs.StagePlan.Action;
import dev.realnvp.jobs.StagePlan.Decision;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.images.OutOfDistribution;
import dev.realnvp.jobs.report.Content;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StagePlanTest {

  private static final String SOURCE = "0123";

  private final Map<RunStage, Content<Manifest>> outputs = finished(settings());

  private static Config settings(String... sets) {
    return Settings.load(null, List.of(sets), Map.of("run", "r"));
  }

  /** A manifest as it is on the disk. */
  private static Manifest manifest(
      RunStage stage, Config config, String data, Map<String, String> parents) {
    return Manifest.fromJson(
        new Provenance(stage, config, parents, Map.of()).table(Map.of(), data).toJson());
  }

  private static Map<RunStage, Content<Manifest>> finished(Config config) {
    Map<RunStage, Content<Manifest>> outputs = new EnumMap<>(RunStage.class);
    Map<String, String> ids = new LinkedHashMap<>();
    for (RunStage stage : RunStage.OF_IMAGES) {
      Map<String, String> parents = new LinkedHashMap<>();
      stage.inputs().forEach(input -> parents.put(input.kind(), ids.get(input.kind())));
      Manifest manifest = manifest(stage, config, SOURCE, parents);
      ids.put(stage.kind(), manifest.id());
      outputs.put(stage, new Content.Present<>(manifest));
    }
    return outputs;
  }

  private static Manifest manifest(Map<RunStage, Content<Manifest>> outputs, RunStage stage) {
    return outputs.get(stage).there().orElseThrow();
  }

  private StagePlan plan(String... sets) {
    return new StagePlan(settings(sets), stage -> SOURCE, null, null, outputs);
  }

  private void assertOutdated(String... parts) {
    assertThatThrownBy(() -> plan().requireReplaceable())
        .hasMessage("%s; --overwrite replaces the outdated outputs, of %s", (Object[]) parts);
  }

  private static Map<RunStage, Action> actions(StagePlan plan) {
    return RunStage.OF_IMAGES.stream()
        .collect(Collectors.toMap(stage -> stage, stage -> plan.decide(stage).action()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flow.couplings=9.0",
        "flow.learning-rate=0.0015",
        "train.workers=7",
        "inference.batch=3",
        "overwrite=true",
        "ingest.data=elsewhere",
        "run=moved"
      })
  void skipsAllWhereTheResultsWouldBeTheSame(String set) {
    StagePlan plan = plan(set);
    plan.requireReplaceable();
    assertThat(actions(plan).values()).containsOnly(Action.SKIP);
  }

  @Test
  void runsAllWhereNothingIsThere() {
    outputs.replaceAll((stage, output) -> new Content.Absent<>(""));
    plan().requireReplaceable();
    assertThat(plan().decide(RunStage.INGEST)).isEqualTo(new Decision(Action.RUN, ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ingest.fraction=0.5 | ingest | ingest.fraction was 1, is 0.5",
        "autoencoder.channels=[8] | train-ae | autoencoder.channels was [32,64], is [8]",
        "classifier.dense=9 | train-classifier | classifier.dense was 128, is 9",
        "flow.epochs=5 | train-flow | flow.epochs was 0, is 5",
        "flow.mask=half | train-flow | flow.mask was \"odd\", is \"half\"",
        "skip-invalid=true | train-flow | skip-invalid was false, is true",
        "sample.per-class=3 | sample | sample.per-class was 1000, is 3",
        "seed=1 | train-ae | seed was 42, is 1",
        "train.training-master=stock | train-ae | train.training-master was \"averaging\", is \"stock\"",
        "train.scale-learning-rate=false | train-ae | train.scale-learning-rate was not there, is false",
      })
  void namesTheSettingThatChangedAndTheFirstStageOfIt(String set, String job, String reason) {
    assertThatThrownBy(() -> plan(set).requireReplaceable())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(job + ": " + reason + "; --overwrite ");
    assertThatCode(() -> plan(set, "overwrite=true").requireReplaceable())
        .doesNotThrowAnyException();
  }

  @Test
  void whatFollowsFromAChangeIsReplacedAndNothingElse() {
    StagePlan plan = plan("flow.epochs=5");
    assertThatThrownBy(plan::requireReplaceable)
        .hasMessage(
            "train-flow: flow.epochs was 0, is 5; --overwrite replaces the outdated outputs, of"
                + " train-flow, score, sample, evaluate");
    assertThat(plan.decide(RunStage.TRAIN_FLOW))
        .isEqualTo(new Decision(Action.REPLACE, "flow.epochs was 0, is 5"));

    Manifest before = manifest(outputs, RunStage.TRAIN_FLOW);
    Manifest after =
        manifest(RunStage.TRAIN_FLOW, settings("flow.epochs=5"), SOURCE, before.parents());
    plan.made(RunStage.TRAIN_FLOW, after);
    assertThat(plan.decide(RunStage.SCORE))
        .isEqualTo(
            new Decision(
                Action.REPLACE, "input flow was %s, is %s".formatted(before.id(), after.id())));
    assertThat(plan.decide(RunStage.EXTRACT_EMBEDDINGS).action()).isEqualTo(Action.SKIP);
  }

  @Test
  void whatIsMadeAnewAndComesOutTheSameChangesNothingAfterIt() {
    Manifest images = manifest(outputs, RunStage.INGEST);
    StagePlan plan = new StagePlan(settings(), stage -> "4567", null, null, outputs);
    assertThatThrownBy(plan::requireReplaceable)
        .hasMessageStartingWith("ingest: the image files are others; --overwrite ");
    assertThat(plan.decide(RunStage.INGEST).action()).isEqualTo(Action.REPLACE);
    plan.made(RunStage.INGEST, images);
    assertThat(plan.decide(RunStage.TRAIN_AUTOENCODER).action()).isEqualTo(Action.SKIP);
    assertThat(plan.decide(RunStage.EVALUATE).action()).isEqualTo(Action.SKIP);
  }

  @Test
  void otherImagesToCompareWithAtTheSamePlaceAreAChange() {
    Config config = settings("evaluate.out-of-distribution=there");
    outputs.putAll(finished(config));
    Manifest bare = manifest(outputs, RunStage.EVALUATE);
    Manifest compared =
        new Provenance(RunStage.EVALUATE, config, bare.parents(), Map.of())
            .table(Map.of(OutOfDistribution.FACT, "ab"), SOURCE);
    outputs.put(RunStage.EVALUATE, new Content.Present<>(compared));
    assertThat(
            new StagePlan(config, stage -> SOURCE, "ab", null, outputs)
                .decide(RunStage.EVALUATE)
                .action())
        .isEqualTo(Action.SKIP);
    assertThat(
            new StagePlan(config, stage -> SOURCE, "cd", null, outputs).decide(RunStage.EVALUATE))
        .isEqualTo(new Decision(Action.REPLACE, "the images to compare with are others"));
  }

  @Test
  void namesOfColumnsAndPredicatesAreNoCredentialsAndPlacesAre() {
    Config config =
        settings(
            "table.where=token = 'a:b'",
            "table.label-col=password:p",
            "evaluate.out-of-distribution=s3a://me:pa55@bucket/images");
    Map<RunStage, Content<Manifest>> made = finished(config);
    StagePlan plan = new StagePlan(config, stage -> SOURCE, null, null, made);
    assertThat(actions(plan).values()).containsOnly(Action.SKIP);
    Manifest flow = manifest(made, RunStage.TRAIN_FLOW);
    assertThat(Provenance.settings(flow).get("table.where").unwrapped()).isEqualTo("token = 'a:b'");
    assertThat(Provenance.settings(flow).get("table.label-col").unwrapped())
        .isEqualTo("password:p");
    String evaluation = manifest(made, RunStage.EVALUATE).toJson();
    assertThat(evaluation).contains("s3a://***@bucket/images").doesNotContain("pa55");
  }

  @Test
  void whatIsUnusableOrWithoutItsInputIsLeftAlone() {
    outputs.put(RunStage.SCORE, new Content.Absent<>("r/scores has no manifest"));
    assertOutdated("score: r/scores has no manifest", "score, evaluate");
    outputs.put(RunStage.SCORE, new Content.Absent<>(""));
    assertOutdated("evaluate: scores will be made anew", "evaluate");
    outputs.put(RunStage.EVALUATE, new Content.Absent<>(""));
    assertThatCode(() -> plan().requireReplaceable()).doesNotThrowAnyException();
  }

  @Test
  void anotherVersionOrAnOlderManifestIsAChange() {
    String json = manifest(outputs, RunStage.SAMPLE).toJson();
    String older =
        json.replaceFirst("\"realnvp-spark\" : \"[^\"]*\"", "\"realnvp-spark\" : \"0.0.1\"");
    outputs.put(RunStage.SAMPLE, new Content.Present<>(Manifest.fromJson(older)));
    assertThat(plan().decide(RunStage.SAMPLE).reason())
        .startsWith("realnvp-spark was \"0.0.1\", is \"");
    String bare = json.replace("\"settings\"", "\"set\"").replace("\"flow\"", "\"river\"");
    outputs.put(RunStage.SAMPLE, new Content.Present<>(Manifest.fromJson(bare)));
    assertThat(plan().decide(RunStage.SAMPLE).reason())
        .startsWith("its manifest has no settings, input flow was not known, is ");
  }
}
