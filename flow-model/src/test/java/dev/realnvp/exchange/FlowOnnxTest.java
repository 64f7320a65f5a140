package dev.realnvp.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.MixedFlows;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.Manifest;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime computes from the exported graphs what the engine computes from the flows. */
class FlowOnnxTest {

  private static final int ROWS = 40;

  static Stream<RealNVP> flows() {
    return Stream.of(
            Flows.configs()
                .flatMap(config -> Stream.of(Flows.of(config), Flows.standardized(config))),
            Stream.of(CouplingTransform.values()).map(Flows::ofBenchmark),
            Stream.of(Flows.signed()),
            MixedFlows.all())
        .flatMap(flows -> flows);
  }

  static Stream<RealNVP> givenNumbers() {
    return flows().filter(flow -> flow.context() > 0);
  }

  private final Random random = new Random(3);

  private float[][] rows(int width) {
    float[][] rows = new float[ROWS][width];
    for (float[] row : rows) {
      for (int j = 0; j < width; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return rows;
  }

  private float[][] rows(RealNVP flow) {
    return flow.mixed().isPresent()
        ? MixedFlows.rows(flow, 3, ROWS).toFloatMatrix()
        : rows(flow.features());
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[ROWS * rows[0].length];
    for (int i = 0; i < ROWS; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[i].length, rows[i].length);
    }
    return flat;
  }

  /** The outputs by name. */
  private static Map<String, Object> run(byte[] model, Map<String, float[][]> inputs)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> tensors = new HashMap<>();
    Map<String, Object> outputs = new HashMap<>();
    try (OrtSession.SessionOptions options = quiet();
        OrtSession session = environment.createSession(model, options)) {
      for (Map.Entry<String, float[][]> input : inputs.entrySet()) {
        tensors.put(input.getKey(), OnnxTensor.createTensor(environment, input.getValue()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), output.getValue().getValue());
        }
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
    return outputs;
  }

  /** Its warnings are of constants that it made superfluous itself. */
  private static OrtSession.SessionOptions quiet() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    return options;
  }

  private static void assertClose(float[] got, double[] expected) {
    assertThat(got).hasSameSizeAs(expected);
    for (int i = 0; i < got.length; i++) {
      assertThat((double) got[i])
          .isCloseTo(expected[i], within(1e-4 * Math.max(1, Math.abs(expected[i]))));
    }
  }

  @ParameterizedTest
  @MethodSource("flows")
  void theClassIsSummedOut(RealNVP flow) throws OrtException {
    double[] prior =
        DoubleStream.iterate(1, w -> w + 1).limit(Math.max(1, flow.context())).toArray();
    float[][] x = rows(flow);
    ClassMixture.Scores expected = new ClassMixture(flow, prior).score(flat(x), Context.NONE, ROWS);
    Map<String, Object> got = run(FlowOnnx.of(flow, Flows.manifest(flow), prior), Map.of("x", x));
    assertClose((float[]) got.get("log_prob"), expected.marginal());
    if (flow.context() == 0) {
      assertThat(got).containsOnlyKeys("log_prob");
    } else {
      for (int i = 0; i < ROWS; i++) {
        assertClose(((float[][]) got.get("log_prob_class"))[i], expected.conditional()[i]);
        assertClose(((float[][]) got.get("posterior"))[i], expected.posterior()[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("givenNumbers")
  void numbersAreAnInput(RealNVP flow) throws OrtException {
    float[][] x = rows(flow);
    float[][] context = rows(flow.context());
    double[] none = {};
    ClassMixture.Scores expected =
        new ClassMixture(flow, none)
            .score(flat(x), new Context.Values(flat(context), flow.context()), ROWS);
    Manifest manifest = Flows.manifest(flow);
    Map<String, Object> got =
        run(FlowOnnx.of(flow, manifest, none), Map.of("x", x, "context", context));
    assertThat(got).containsOnlyKeys("log_prob");
    assertClose((float[]) got.get("log_prob"), expected.marginal());
  }
}
