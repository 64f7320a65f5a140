package dev.realnvp.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.MixedFlows;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Manifest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FlowArraysTest {

  private RealNVP flow;
  private Manifest manifest;
  private Map<String, NpyArray> arrays;

  @BeforeEach
  void make() {
    flow = Flows.of(config());
    manifest = Flows.manifest(flow);
    arrays = new LinkedHashMap<>(FlowArrays.of(flow, manifest));
  }

  private static RealNVPConfig config() {
    return RealNVPConfig.builder(5, 2, 2, List.of(4, 3))
        .linear(LinearMap.PERMUTATION)
        .seed(1)
        .build();
  }

  @Test
  void namesAndShapesAreThoseOfTheDocumentation() {
    Map<String, String> shapes = new TreeMap<>();
    arrays.forEach((name, array) -> shapes.put(name, Arrays.toString(array.shape())));
    assertThat(shapes).hasSize(25).containsKey("config");
    shapes.keySet().removeIf(name -> !name.matches("[012]_.*"));
    assertThat(shapes)
        .hasToString(
            "{0_W0=[4, 4], 0_W1=[4, 3], 0_W2=[3, 6], 0_b0=[4], 0_b1=[3], 0_b2=[6], 0_mask=[5],"
                + " 1_order=[5], 2_beta=[5], 2_logGamma=[5], 2_mean=[5], 2_var=[5]}");
    assertThat(arrays.get("0_mask").longs()).containsExactly(0, 1, 0, 1, 0);
  }

  @Test
  void theLastIndexMovesFastest() {
    INDArray weight = flow.network().getParam("0_W1");
    assertThat(arrays.get("0_W1").floats()[1]).isEqualTo(weight.getFloat(0, 1));
    assertThat(arrays.get("0_W1").floats()[3]).isEqualTo(weight.getFloat(1, 0));
  }

  @ParameterizedTest
  @MethodSource("dev.realnvp.exchange.Flows#configs")
  void everyFlowComesBackBitForBit(RealNVPConfig config) {
    comesBackBitForBit(config, Flows.of(config));
    comesBackBitForBit(config, Flows.standardized(config));
  }

  @Test
  void signsComeBackAndOthersAreRefused() {
    RealNVP signed = Flows.signed();
    arrays = new LinkedHashMap<>(FlowArrays.of(signed, Flows.manifest(signed)));
    RealNVP after = FlowArrays.toFlow(arrays).flow();
    assertThat(after.layers()).isEqualTo(signed.layers());
    assertThat(arrays.get("0_order").longs()).containsExactly(2, 3, 1, 0);
    assertThat(arrays.get("0_sign").longs()).containsExactly(1, -1, -1, 1);
    refuses("0_sign", null, "there is no array 0_sign");
    refuses("0_sign", NpyArray.of(new long[4], 4), "sign: got [0, 0, 0, 0], expected 4 numbers");
    refuses("0_order", NpyArray.of(new long[4], 4), "order: got [0, 0, 0, 0], expected each of");
    refuses("0_lu", values(16, Float.NaN, 4, 4), "array 0_lu holds NaN, expected finite numbers");
  }

  @ParameterizedTest
  @MethodSource("dev.realnvp.flow.MixedFlows#all")
  void featuresOfSeveralKindsComeBack(RealNVP before) {
    RealNVP after = FlowArrays.toFlow(FlowArrays.of(before, Flows.manifest(before))).flow();
    assertThat(after.layers()).isEqualTo(before.layers());
    assertThat(after.network().params().toFloatVector())
        .isEqualTo(before.network().params().toFloatVector());
  }

  @Test
  void wrongKindsAndMaskedWeightsAreRefused() {
    RealNVP mixed = MixedFlows.all().findFirst().orElseThrow();
    arrays = new LinkedHashMap<>(FlowArrays.of(mixed, Flows.manifest(mixed)));
    refuses("0_W0", values(13 * 128, 1, 13, 128), "array 0_W0[4, 0] holds 1.0, expected 0, as the");
    refusesConfig("[0.0,1.0,2.0]", "[0.0,2.0,1.0]", "levels: got [0.0, 2.0, 1.0], expected finite");
    refusesConfig("[0.0,1.0,2.0]", "[null]", "Cannot construct instance of");
    refusesConfig("\"copied\":0", "\"copied\":7", "feature 5: got a copy of 7, expected one of a");
    refusesConfig("\"others\":3.5", "\"others\":0.5", "others: got 0.5, expected at least 1");
    refusesConfig("\"missing\":true,", "", "'kinds' is missing, or of another type");
    refusesConfig("\"hidden\":[128,128]", "\"hidden\":[]", "hidden: got [], expected at least one");
    refusesConfig(
        "\"hidden\":[128,128]",
        "\"hidden\":[1000000000,128]",
        "array 0_W0: shape [13, 128], expected [13, 1000000000]");
    refusesConfig("\"gain\":10.0", "\"gain\":5.0", "gain of layer 0: got 5.0, expected 10.0");
    refusesConfig("\"features\":7", "\"features\":6", "layer 0: got 7 features, expected 6");
  }

  private void refusesConfig(String before, String after, String message) {
    String config = arrays.get("config").text();
    assertThat(config).contains(before);
    refuses("config", NpyArray.ofText(config.replace(before, after)), message);
  }

  private static void comesBackBitForBit(RealNVPConfig config, RealNVP before) {
    Manifest manifest = Flows.manifest(before);
    FlowArrays.Described after = FlowArrays.toFlow(FlowArrays.of(before, manifest));
    assertThat(after.flow().network().params().toFloatVector())
        .isEqualTo(before.network().params().toFloatVector());
    float[] x = Nd4j.randn(DataType.FLOAT, 7 * config.features()).toFloatVector();
    float[] context = Nd4j.randn(DataType.FLOAT, 7 * config.context() + 1).toFloatVector();
    assertThat(logProb(after.flow(), x, context)).isEqualTo(logProb(before, x, context));
    assertThat(after.manifest()).isEqualTo(manifest);
  }

  private static double[] logProb(RealNVP flow, float[] x, float[] context) {
    double[] logProb = new double[7];
    int width = flow.context();
    FlowEngine.of(flow)
        .logProb(x, new Context.Values(Arrays.copyOf(context, 7 * width), width), logProb);
    return logProb;
  }

  @Test
  void aChangedFlowHasAnIdOfItsOwn() {
    arrays.put("2_beta", NpyArray.of(new float[5], 5));
    FlowArrays.Described changed = FlowArrays.toFlow(arrays);
    assertThat(changed.flow().network().getParam("2_beta").sumNumber().doubleValue()).isZero();
    assertThat(changed.manifest().id()).isNotEqualTo(manifest.id());
    assertThat(changed.manifest().parents()).isEqualTo(manifest.parents());
  }

  @Test
  void valuesThatNoDensityComesOfAreNamed() {
    refuses("0_W1", values(12, Float.NaN, 4, 3), "array 0_W1 holds NaN, expected finite numbers");
    refuses(
        "2_beta",
        values(5, Float.NEGATIVE_INFINITY, 5),
        "array 2_beta holds -Infinity, expected finite numbers");
    refuses("2_var", values(5, -1e-3f, 5), "array 2_var holds -0.001, expected variances of 0");
    refuses(
        "0_mask", NpyArray.of(new long[] {0, 1, 2, 1, 0}, 5), "array 0_mask holds 2, expected 0");
    arrays = new LinkedHashMap<>(FlowArrays.of(Flows.standardized(config()), manifest));
    refuses("0_scale", values(5, 0, 5), "array 0_scale holds 0.0, expected scales above 0");
    refuses("0_scale", values(5, -2, 5), "array 0_scale holds -2.0, expected scales above 0");
  }

  /** Ones, and a last value. */
  private static NpyArray values(int count, float last, int... shape) {
    float[] values = new float[count];
    Arrays.fill(values, 1);
    values[count - 1] = last;
    return NpyArray.of(values, shape);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    refuses("0_W1", null, "there is no array 0_W1");
    refuses("1_order", null, "there is no array 1_order");
    refuses("config", null, "config: there is no array config");
    refuses("0_W1", NpyArray.of(new float[12], 3, 4), "array 0_W1: shape [3, 4], expected [4, 3]");
    refuses("0_mask", NpyArray.of(new long[4], 4), "array 0_mask: shape [4], expected [5]");
    refuses("2_var", NpyArray.of(new long[5], 5), "array 2_var: type <i8, expected <f4");
    refuses("6_W0", NpyArray.of(new float[1], 1), "no layer of config has array 6_W0");
    refuses("1_order", NpyArray.of(new long[5], 5), "order: got [0, 0, 0, 0, 0], expected each of");
    refuses(
        "1_order",
        NpyArray.of(new long[] {1L << 32, 1, 2, 3, 4}, 5),
        "array 1_order: integer overflow");
    refuses("config", NpyArray.ofText("{"), "config: Unexpected end-of-input");
    String config = arrays.get("config").text();
    refuses(
        "config",
        NpyArray.ofText(config.replace("\"version\":1", "\"version\":2")),
        "config: format version 2, expected 1");
    refuses(
        "config",
        NpyArray.ofText(config.replace("1.0E-5", "0.001")),
        "epsilon of layer 2: got 0.001, expected 1.0E-5");
    refuses(
        "config",
        NpyArray.ofText(config.replace("permutation", "rotation")),
        "type: got 'rotation', expected one of [context_embedding, mixed_features, ");
    refuses(
        "config",
        NpyArray.ofText(config.replace("\"features\":5,", "")),
        "config: 'features' is missing");
  }

  private void refuses(String name, NpyArray array, String message) {
    Map<String, NpyArray> changed = new LinkedHashMap<>(arrays);
    changed.remove(name);
    if (array != null) {
      changed.put(name, array);
    }
    assertThatThrownBy(() -> FlowArrays.toFlow(changed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }
}
