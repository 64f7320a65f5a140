package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.flow.RealNVP;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplineCouplingTest {

  private static final List<Boolean> KEPT = List.of(true, false);

  private static SplineCoupling spline(int bins, double bound) {
    return new SplineCoupling(0, KEPT, List.of(3), bins, bound, Conditioner.Kind.MLP);
  }

  /** Beyond the bound a feature stays, whatever the network says; so do values that are none. */
  @Test
  void outsideTheBoundNothingChanges() {
    RealNVP flow = RealNVP.of(List.of(spline(4, 2)));
    flow.network().params().addi(0.3);
    InvertibleStage stage =
        (InvertibleStage) StageSequence.of(flow.network()).orElseThrow().stages().get(0);
    float[] x = {1, 2, 3, 4, 5, 2, -2, 50, -1e30f, Float.NaN};
    for (boolean back : new boolean[] {false, true}) {
      Batch batch = new Batch().rows(5);
      System.arraycopy(x, 0, batch.inputs().ensureCapacity(x.length), 0, x.length);
      if (back) {
        stage.inverse(batch);
      } else {
        stage.forward(batch, false);
      }
      assertThat(batch.values().array()).startsWith(x);
      assertThat(batch.logDet()).startsWith(0, 0, 0, 0, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 3, 'bins: got 1, expected from 2 to 100'",
    "101, 3, 'bins: got 101, expected from 2 to 100'",
    "8, 0, 'bound: got 0.0, expected a number above 0'",
    "8, NaN, 'bound: got NaN, expected a number above 0'",
  })
  void refusesWhatIsNoSpline(int bins, double bound, String message) {
    assertThatThrownBy(() -> spline(bins, bound))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
