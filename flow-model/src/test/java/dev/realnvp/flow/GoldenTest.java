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
import org.nd4j.linalg.factory.Nd4j;

/** A flow with fixed weights against figures of another implementation; see golden/README.md. */
class GoldenTest {

  private static final ObjectMapper JSON = new ObjectMapper();

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
