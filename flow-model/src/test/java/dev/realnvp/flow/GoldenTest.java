package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.LinearBatchNorm;
import dev.realnvp.flow.layer.LinearCouplingLayer;
import dev.realnvp.flow.layer.Permutation;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void logProbabilitiesAreThoseOfTheOtherImplementation() throws IOException {
    JsonNode golden = read();
    RealNVP flow = RealNVP.of(network(golden));
    var x = Nd4j.createFromArray(convert(golden.get("inputs"), double[][].class));
    var context = Nd4j.createFromArray(convert(golden.get("contexts"), double[][].class));
    double[][] z = convert(golden.get("outputs"), double[][].class);
    double[] logDet = convert(golden.get("logDet"), double[].class);
    double[] logProb = convert(golden.get("logProb"), double[].class);

    Transformed forward = flow.forward(x, context);
    for (int i = 0; i < z.length; i++) {
      assertThat(forward.outputs().getRow(i).toDoubleVector()).containsExactly(z[i], within(1e-9));
    }
    assertThat(forward.logAbsDetJacobian().toDoubleVector()).containsExactly(logDet, within(1e-9));
    assertThat(flow.logProb(x, context).toDoubleVector()).containsExactly(logProb, within(1e-9));
  }

  /** On the floats that jobs score with. */
  @Test
  void thoseOfTheProgramAreToo() throws IOException {
    JsonNode golden = read();
    double[][] z = convert(golden.get("outputs"), double[][].class);
    double[] logDet = convert(golden.get("logDet"), double[].class);
    double[] logProb = convert(golden.get("logProb"), double[].class);
    float[] x = flat(golden.get("inputs"));
    float[] contexts = flat(golden.get("contexts"));
    FlowProgram program = FlowProgram.of(RealNVP.of(network(golden)));

    double[] actual = new double[z.length];
    program.logProbGiven(x, contexts, actual);
    program.baseGiven(x, contexts, z.length);

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
    List<FlowLayer> layers = new ArrayList<>();
    for (JsonNode layer : golden.get("layers")) {
      layers.add(
          switch (layer.get("type").asText()) {
            case "coupling" ->
                new LinearCouplingLayer(
                    context,
                    convert(layer.get("kept"), boolean[].class),
                    JSON.convertValue(layer.get("hidden"), new TypeReference<List<Integer>>() {}),
                    true);
            case "permutation" ->
                new Permutation(context, convert(layer.get("order"), int[].class));
            default -> new LinearBatchNorm(golden.get("features").asInt(), context);
          });
    }
    MultiLayerNetwork network = Networks.of(layers.toArray(new FlowLayer[0]));
    for (int i = 0; i < layers.size(); i++) {
      setParams(network, i, golden.get("layers").get(i));
    }
    return network;
  }

  private static void setParams(MultiLayerNetwork network, int index, JsonNode layer) {
    for (String name : List.of("logGamma", "beta", "mean", "var")) {
      if (layer.has(name)) {
        set(network, index + "_" + name, layer.get(name));
      }
    }
    for (int i = 0; layer.has("weights") && i < layer.get("weights").size(); i++) {
      double[][] weights = convert(layer.get("weights").get(i), double[][].class);
      network.setParam(index + "_W" + i, Nd4j.createFromArray(weights));
      set(network, index + "_b" + i, layer.get("biases").get(i));
    }
  }

  private static void set(MultiLayerNetwork network, String name, JsonNode values) {
    network.setParam(name, Nd4j.createFromArray(convert(values, double[].class)));
  }
}
