package dev.realnvp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.ClassMixture.Scores;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.scores.Temperature;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealNVPFlowTest {

  private static final int FEATURES = 5;
  private static final List<Integer> COUNTS = List.of(30, 10, 60);

  @TempDir Path temp;

  private final Random random = new Random(7);

  private Path stored(RealNVP flow, Map<String, Object> facts, Calibration calibration)
      throws IOException {
    byte[] model = bytes(flow);
    Files.write(temp.resolve("model.zip"), model);
    String calibrationSum = null;
    if (calibration != null) {
      byte[] json = calibration.toJson().getBytes();
      Files.write(temp.resolve("calibration.json"), json);
      calibrationSum = ModelStore.sum(new ByteArrayInputStream(json));
    }
    Manifest manifest =
        Manifest.builder("flow")
            .network(flow.network())
            .settings(facts, 1)
            .from("data", Map.of())
            .sums(ModelStore.sum(new ByteArrayInputStream(model)), calibrationSum, null)
            .build();
    Files.writeString(temp.resolve("manifest.json"), manifest.toJson());
    return temp;
  }

  private static byte[] bytes(RealNVP flow) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ModelStore.write(flow.network(), bytes);
    return bytes.toByteArray();
  }

  private static RealNVP flow(int context) {
    return RealNVP.create(
        RealNVPConfig.builder(FEATURES, context, 3, List.of(17, 13)).seed(3).build(),
        new Optimizer(1e-3, Schedule.CONSTANT, 1, 0));
  }

  private Path plain() throws IOException {
    return stored(flow(0), Map.of(), null);
  }

  private Path withClasses() throws IOException {
    return stored(
        flow(3), Map.of("class_counts", COUNTS, "class_names", List.of("cat", "dog", "hen")), null);
  }

  private float[][] rows(int count) {
    float[][] rows = new float[count][FEATURES];
    for (float[] row : rows) {
      for (int j = 0; j < FEATURES; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return rows;
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
    }
    return flat;
  }

  /** That of the classpath of the build: the module has no other. */
  @Test
  void noSparkIsNeeded() {
    for (String name : List.of("org.apache.spark.SparkContext", "org.apache.hadoop.fs.Path")) {
      assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
    }
  }

  @Test
  void theDensityOfAFlowWithoutClassesIsTheEngines() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(plain());
    float[][] x = rows(500);
    double[] expected = new double[x.length];
    FlowEngine.of(flow(0)).logProb(flat(x), Context.NONE, expected);
    assertThat(flow.logProb(x)).containsExactly(expected, within(1e-4));
    assertThat(flow.features()).isEqualTo(FEATURES);
    assertThat(flow.classes()).isZero();
    assertThat(flow.contextSize()).isZero();
    assertThat(flow.manifest().kind()).isEqualTo("flow");
  }

  @Test
  void classesAreWeighedByTheirCounts() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(withClasses());
    float[][] x = rows(300);
    Scores scores = flow.score(x);
    assertThat(flow.classes()).isEqualTo(3);
    assertThat(flow.classNames()).containsExactly("cat", "dog", "hen");
    for (int i = 0; i < x.length; i++) {
      double density = 0;
      for (int k = 0; k < 3; k++) {
        density += COUNTS.get(k) / 100.0 * Math.exp(scores.conditional()[i][k]);
      }
      assertThat(scores.marginal()[i]).isCloseTo(Math.log(density), within(1e-9));
      for (int k = 0; k < 3; k++) {
        double joint = COUNTS.get(k) / 100.0 * Math.exp(scores.conditional()[i][k]);
        assertThat(scores.posterior()[i][k]).isCloseTo(joint / density, within(1e-9));
      }
    }
    int[] labels = IntStream.range(0, x.length).map(i -> i % 3).toArray();
    double[] conditional = new double[x.length];
    FlowEngine.of(flow(3)).logProb(flat(x), new Context.Classes(labels, 3), conditional);
    for (int i = 0; i < x.length; i++) {
      assertThat(scores.conditional()[i][labels[i]]).isCloseTo(conditional[i], within(1e-4));
    }
  }

  @Test
  void aFlowMayBeConditionedOnNumbers() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(stored(flow(2), Map.of("context", 2), null));
    float[][] x = rows(300);
    float[][] context = new float[x.length][];
    Arrays.setAll(context, i -> new float[] {i / 100f, -1});
    double[] expected = new double[x.length];
    FlowEngine.of(flow(2)).logProb(flat(x), new Context.Values(flat(context), 2), expected);
    assertThat(flow.logProb(x, context)).containsExactly(expected, within(1e-4));
    assertThat(flow.contextSize()).isEqualTo(2);
    assertThat(flow.classes()).isZero();
    assertThatThrownBy(() -> flow.logProb(x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "context: got none, expected the 2 numbers per row that the flow is conditioned on");
    assertThatThrownBy(() -> flow.logProb(x, new float[4][2]))
        .hasMessage("context: got 4 rows, expected 300");
  }

  @Test
  void aRowsFiguresDoNotDependOnTheRowsThatComeWithIt() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(withClasses());
    float[][] x = rows(450);
    double[] together = flow.logProb(x);
    for (int i = 0; i < x.length; i += 7) {
      assertThat(flow.logProb(new float[][] {x[i]})).containsExactly(together[i]);
    }
    assertThat(flow.logProb(Arrays.copyOfRange(x, 100, 333)))
        .containsExactly(Arrays.copyOfRange(together, 100, 333));
    assertThat(flow.logProb(new float[0][])).isEmpty();
  }

  @Test
  void severalThreadsGetTheBitsOfOne() throws Exception {
    RealNVPFlow flow = RealNVPFlow.load(withClasses());
    int threads = 8;
    List<float[][]> inputs = new ArrayList<>();
    List<Scores> alone = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      inputs.add(rows(100 + 111 * t));
      alone.add(flow.score(inputs.get(t)));
    }
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<List<Scores>>> tasks = new ArrayList<>();
      for (float[][] x : inputs) {
        tasks.add(
            () -> {
              start.await();
              List<Scores> scores = new ArrayList<>();
              for (int n = 0; n < 10; n++) {
                scores.add(flow.score(x));
              }
              return scores;
            });
      }
      List<Future<List<Scores>>> results = pool.invokeAll(tasks);
      for (int t = 0; t < threads; t++) {
        for (Scores scores : results.get(t).get()) {
          assertThat(scores.marginal()).isEqualTo(alone.get(t).marginal());
          assertThat(scores.conditional()).isDeepEqualTo(alone.get(t).conditional());
          assertThat(scores.posterior()).isDeepEqualTo(alone.get(t).posterior());
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void anomalyScoresAreThoseOfTheCalibration() throws IOException {
    RealNVPFlow before = RealNVPFlow.load(plain());
    assertThatThrownBy(() -> before.anomalyScores(before.score(rows(1))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("flow %s has no calibration that tells anomalies", before.manifest().id());
    Scores scored = before.score(rows(1000));
    double[] far = new Random(1).doubles(1000).toArray();
    double[] heldOut = new Random(2).doubles(1000).toArray();
    Scores known =
        new Scores(scored.conditional(), scored.marginal(), scored.posterior(), heldOut, far);
    Calibration calibration =
        Calibration.of(
            new ScoredRows(
                known.marginal(),
                heldOut,
                Calibration.DISTANCE,
                known.distance(),
                new int[heldOut.length]),
            1,
            "test");
    RealNVPFlow flow = RealNVPFlow.load(stored(flow(0), Map.of(), calibration));
    double[] logProb = {-1, -1, -1, Double.NEGATIVE_INFINITY, Double.NaN};
    double[] logProbZ = {heldOut[0], -1000, heldOut[0], Double.NEGATIVE_INFINITY, Double.NaN};
    double[] distance = {known.distance()[0], known.distance()[0], 1e5, 1, 1};
    double[] scores =
        flow.anomalyScores(
            new Scores(new double[5][], logProb, new double[5][], logProbZ, distance));
    assertThat(scores[0])
        .isEqualTo(calibration.detector(0.01).score(heldOut[0], known.distance()[0]));
    assertThat(scores[1]).isGreaterThan(10);
    assertThat(scores[2]).isGreaterThan(10);
    assertThat(scores[3]).isNaN();
    assertThat(scores[4]).isNaN();
    assertThat(flow.detector(0.01).isAnomaly(scores[1])).isTrue();
    assertThat(flow.detector(0.01).isAnomaly(scores[3])).isTrue();
    long alarms =
        Arrays.stream(flow.anomalyScores(known)).filter(flow.detector(0.01)::isAnomaly).count();
    assertThat(alarms).isBetween(8L, 10L);
  }

  @Test
  void posteriorsHaveTheTemperatureOfTheCalibration() throws IOException {
    Calibration calibration =
        Calibration.of(
            new ScoredRows(new double[] {1, 2, 3}, null, new double[0], new int[3]), 3, "test");
    Map<String, Object> facts = Map.of("class_counts", List.of(1, 1, 1));
    RealNVPFlow before = RealNVPFlow.load(stored(flow(3), facts, calibration));
    RealNVPFlow flow =
        RealNVPFlow.load(stored(flow(3), facts, calibration.with(new Temperature(2, 2))));
    float[][] x = rows(1);
    double[] plain = before.score(x).posterior()[0];
    double[] tempered = flow.score(x).posterior()[0];
    assertThat(tempered[0] / tempered[1]).isCloseTo(Math.sqrt(plain[0] / plain[1]), within(1e-9));
    assertThat(flow.score(x).marginal()).isEqualTo(before.score(x).marginal());
  }

  @Test
  void aRowWithoutADensityHasNoFiniteOne() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(plain());
    float[][] x = rows(3);
    double[] before = flow.logProb(x);
    x[1][2] = Float.NaN;
    double[] after = flow.logProb(x);
    assertThat(after[1]).isNaN();
    assertThat(after[0]).isEqualTo(before[0]);
    assertThat(after[2]).isEqualTo(before[2]);
  }

  private static Map<String, Object> column(Object... fields) {
    Map<String, Object> column = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      column.put((String) fields[i], fields[i + 1]);
    }
    return column;
  }

  @Test
  void theColumnsOfATableBecomeFeatures() throws IOException {
    Map<String, Object> facts =
        Map.of(
            "feature_columns",
            List.of(
                column("name", "price"),
                column("name", "kind", "categories", List.of("a", "b", "c")),
                column("name", "new", "boolean", true)),
            "imputed_means",
            List.of(2.5, 0.25, 0.5, 0.25, 0.75));
    RealNVPFlow flow = RealNVPFlow.load(stored(flow(0), facts, null));
    assertThat(flow.featureNames()).containsExactly("price", "kind=a", "kind=b", "kind=c", "new");
    Map<String, Object> row = column("id", "x1", "price", 3, "kind", "b", "new", true);
    assertThat(flow.encode(row)).containsExactly(3, 0, 1, 0, 1);

    row.put("price", null);
    row.put("kind", "unseen");
    row.put("new", false);
    float nan = Float.NaN;
    assertThat(flow.encode(row)).containsExactly(nan, nan, nan, nan, 0);
    assertThat(flow.logProb(new float[][] {flow.encode(row), {1, 0, nan, 0, 1}}))
        .isEqualTo(flow.logProb(new float[][] {{2.5f, 0.25f, 0.5f, 0.25f, 0}, {1, 0, 0.5f, 0, 1}}));

    row.put("new", "yes");
    assertThatThrownBy(() -> flow.encode(row))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("column 'new': got String, expected a boolean");
    row.remove("new");
    assertThatThrownBy(() -> flow.encode(row)).hasMessage("there is no column 'new'");
    assertThatThrownBy(() -> RealNVPFlow.load(plain()).encode(row))
        .hasMessage("got a row of columns, expected one of the 5 features");
    stored(flow(0), Map.of("imputed_means", List.of(1, 2)), null);
    assertRefused(
        "the manifest of flow %s tells of 2 features, expected 5".formatted(flow.manifest().id()));
  }

  @Test
  void rowsOfOtherSizesAreRefused() throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(plain());
    float[][] x = rows(3);
    x[2] = new float[4];
    assertThatThrownBy(() -> flow.logProb(x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x: row 2 has 4 values, expected 5");
    x[1] = null;
    assertThatThrownBy(() -> flow.logProb(x)).hasMessage("x: row 1 has no values, expected 5");
    assertThat(flow.logProb(rows(1))).hasSize(1);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> RealNVPFlow.load(temp))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void foldersThatHoldNoFlowAreRefusedInOneLine() throws IOException {
    Path manifest = temp.resolve("manifest.json");
    assertRefused("there is no " + manifest + "; expected a manifest");
    plain();
    String json = Files.readString(manifest);
    Files.writeString(manifest, json.replace("\"flow\"", "\"autoencoder\""));
    assertRefused(temp + " holds a model of kind autoencoder; expected flow");
    Files.writeString(manifest, "{");
    assertRefused(manifest + " is not a manifest: ");
    Files.writeString(manifest, json);
    Files.write(temp.resolve("model.zip"), bytes(flow(1)));
    assertRefused(temp.resolve("model.zip") + " does not match its manifest: the SHA-256 sum is ");
    Files.delete(temp.resolve("model.zip"));
    assertRefused("there is no " + temp.resolve("model.zip") + "; expected a trained model");
    Files.createFile(temp.resolve("_incomplete"));
    assertRefused(temp + " is incomplete (_incomplete lies in it)");
  }
}
