package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.flow.layer.AffineCoupling;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.Transform;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A flow with fixed weights against figures of another implementation; see golden/README.md. */
class GoldenTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of floats, relative for sizes above 1. */
  private static final double TOLERANCE = 1e-6;

  /** The equations that other tests compare with. */
  @Test
  void theEquationsAreThoseOfTheOtherImplementation() throws IOException {
    JsonNode golden = read();
    NaiveFlow flow = new NaiveFlow(RealNVP.of(network(golden)));
    params(golden)
        .forEach((name, value) -> System.arraycopy(value, 0, flow.param(name), 0, value.length));
    double[][] x = convert(golden.get("inputs"), double[][].class);
    double[][] context = convert(golden.get("contexts"), double[][].class);
    double[][] z = convert(golden.get("outputs"), double[][].class);
    double[] logDet = convert(golden.get("logDet"), double[].class);
    double[] logProb = convert(golden.get("logProb"), double[].class);

    NaiveFlow.Result forward = flow.forward(x, context, false);
    for (int i = 0; i < z.length; i++) {
      assertThat(forward.rows()[i]).containsExactly(z[i], within(1e-9));
    }
    assertThat(forward.logDet()).containsExactly(logDet, within(1e-9));
    assertThat(flow.logProb(x, context, false)).containsExactly(logProb, within(1e-9));
  }

  /** On the floats that jobs score with. */
  @Test
  void logProbabilitiesAreThoseOfTheOtherImplementation() throws IOException {
    JsonNode golden = read();
    double[][] z = convert(golden.get("outputs"), double[][].class);
    double[] logDet = convert(golden.get("logDet"), double[].class);
    double[] logProb = convert(golden.get("logProb"), double[].class);
    float[] x = flat(golden.get("inputs"));
    float[] contexts = flat(golden.get("contexts"));
    FlowEngine program = FlowEngine.of(RealNVP.of(network(golden)));

    double[] actual = new double[z.length];
    Context context = new Context.Values(contexts, program.context());
    program.logProb(x, context, actual);
    x = program.toLatent(x, context, z.length);

    int features = program.features();
    for (int i = 0; i < z.length; i++) {
      assertClose(actual[i], logProb[i], logProb[i]);
      assertClose(
          actual[i] - StandardNormal.logProb(x, i * features, features), logDet[i], logProb[i]);
      for (int j = 0; j < features; j++) {
        assertClose(x[i * features + j], z[i][j], z[i][j]);
      }
    }
  }

  private static void assertClose(double actual, double expected, double size) {
    assertThat(actual).isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(size))));
  }

  private static float[] flat(JsonNode rows) {
    INDArray values = Nd4j.createFromArray(convert(rows, double[][].class));
    return values.castTo(DataType.FLOAT).dup('c').data().asFloat();
  }

  private static JsonNode read() throws IOException {
    try (InputStream in = GoldenTest.class.getResourceAsStream("/golden/golden.json")) {
      return JSON.readTree(in);
    }
  }

  private static <T> T convert(JsonNode node, Class<T> type) {
    return JSON.convertValue(node, type);
  }

  private static MultiLayerNetwork network(JsonNode golden) {
    int context = golden.get("context").asInt();
    List<Transform> layers = new ArrayList<>();
    for (JsonNode layer : golden.get("layers")) {
      layers.add(
          switch (layer.get("type").asText()) {
            case "coupling" ->
                new AffineCoupling(
                    context,
                    JSON.convertValue(layer.get("kept"), new TypeReference<List<Boolean>>() {}),
                    JSON.convertValue(layer.get("hidden"), new TypeReference<List<Integer>>() {}),
                    true,
                    Conditioner.Kind.MLP);
            case "permutation" ->
                new Permutation(
                    context,
                    JSON.convertValue(layer.get("order"), new TypeReference<List<Integer>>() {}));
            default -> new InvertibleBatchNorm(golden.get("features").asInt(), context);
          });
    }
    MultiLayerNetwork network = RealNVP.of(layers).network();
    params(golden).forEach((name, value) -> set(network, name, value));
    return network;
  }

  private static void set(MultiLayerNetwork network, String name, double[][] values) {
    INDArray param = network.getParam(name);
    param.assign(Nd4j.createFromArray(values).reshape(param.shape()));
  }

  /** Parameters by DL4J's names; a vector is a row. */
  private static Map<String, double[][]> params(JsonNode golden) {
    Map<String, double[][]> params = new HashMap<>();
    for (int i = 0; i < golden.get("layers").size(); i++) {
      JsonNode layer = golden.get("layers").get(i);
      for (String name : List.of("logGamma", "beta", "mean", "var")) {
        if (layer.has(name)) {
          params.put(i + "_" + name, row(layer.get(name)));
        }
      }
      for (int j = 0; layer.has("weights") && j < layer.get("weights").size(); j++) {
        params.put(i + "_W" + j, convert(layer.get("weights").get(j), double[][].class));
        params.put(i + "_b" + j, row(layer.get("biases").get(j)));
      }
    }
    return params;
  }

  private static double[][] row(JsonNode values) {
    return new double[][] {convert(values, double[].class)};
  }
}
