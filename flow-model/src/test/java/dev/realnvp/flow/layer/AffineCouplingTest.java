package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.flow.Networks;
import dev.realnvp.flow.RealNVP;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class AffineCouplingTest {

  private static final List<Boolean> KEPT = List.of(false, true, false, true, false);

  private static AffineCoupling mlp(
      int context, List<Boolean> kept, List<Integer> hidden, boolean shared) {
    return new AffineCoupling(context, kept, hidden, shared, Conditioner.Kind.MLP);
  }

  @Test
  void initialWeightsFillTheirInterval() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            Networks.of(mlp(3, KEPT, List.of(50, 100), true)).getLayerWiseConfigurations());
    network.init();
    Map<String, INDArray> params = network.paramTable();
    assertInterval(params.get("0_W0"), 5);
    assertInterval(params.get("0_b0"), 5);
    assertInterval(params.get("0_W1"), 50);
    assertInterval(params.get("0_W2"), 100);
  }

  @Test
  void residualBlocksBeginNearlyAsNothing() {
    MultiLayerNetwork network =
        RealNVP.of(
                List.of(
                    new AffineCoupling(3, KEPT, List.of(50, 50), true, Conditioner.Kind.RESIDUAL)))
            .network();
    Map<String, INDArray> params = network.paramTable();
    assertThat(params).hasSize(12);
    assertInterval(params.get("0_W0"), 5);
    assertInterval(params.get("0_W1"), 50);
    assertInterval(params.get("0_W2"), 1_000_000);
    assertInterval(params.get("0_b4"), 1_000_000);
    assertInterval(params.get("0_W5"), 50);
    assertThat(params.get("0_W5").shape()).containsExactly(50, 6);
  }

  /**
   * The largest of n uniform values in (-1, 1) is below q with probability ((1 + q) / 2)^n: 1e-9.
   */
  private static void assertInterval(INDArray values, int fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    double q = 2 * Math.pow(1e-9, 1.0 / values.length()) - 1;
    assertThat(values.maxNumber().doubleValue()).isBetween(q * bound, bound);
    assertThat(values.minNumber().doubleValue()).isBetween(-bound, -q * bound);
  }

  @Test
  void twoNetworksHaveTheirOwnParameters() {
    Map<String, INDArray> params = Networks.of(mlp(3, KEPT, List.of(6), false)).paramTable();
    assertThat(params.keySet())
        .containsExactly(
            "0_scaleW0",
            "0_scaleb0",
            "0_scaleW1",
            "0_scaleb1",
            "0_shiftW0",
            "0_shiftb0",
            "0_shiftW1",
            "0_shiftb1");
    assertThat(params.get("0_scaleW0").shape()).containsExactly(5, 6);
    assertThat(params.get("0_shiftW1").shape()).containsExactly(6, 3);
  }

  @Test
  void badValuesAreRefused() {
    assertThatThrownBy(() -> mlp(0, List.of(true), List.of(3), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kept: got [true], expected at least one feature kept and one changed");
    assertThatThrownBy(() -> mlp(0, KEPT, List.of(3, 0), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hidden: got [3, 0], expected at least one size, each at least 1");
    assertThatThrownBy(
            () -> new AffineCoupling(0, KEPT, List.of(3, 4), true, Conditioner.Kind.RESIDUAL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hidden: got [3, 4], expected equal sizes for residual conditioners");
    assertThatThrownBy(() -> mlp(-1, KEPT, List.of(3), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("context: got -1, expected at least 0");
  }
}
