package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ElementwiseAffineTest {

  @Test
  void onlyAConditionalOneHasParametersOfTheContext() {
    assertThat(shapes(new ElementwiseAffine(3, 2, false))).hasToString("{logScale=[3], shift=[3]}");
    assertThat(shapes(new ElementwiseAffine(3, 2, true)))
        .hasToString("{contextLogScale=[2, 3], contextShift=[2, 3], logScale=[3], shift=[3]}");
  }

  private static Map<String, String> shapes(Transform transform) {
    Map<String, String> shapes = new TreeMap<>();
    for (ParamLayout.Param param : transform.layout().params()) {
      shapes.put(param.name(), Arrays.toString(param.shape()));
    }
    return shapes;
  }

  @Test
  void thereIsNoConditionalOneWithoutAContext() {
    assertThatThrownBy(() -> new ElementwiseAffine(3, 0, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("context: got 0, expected at least 1 for scales that depend on it");
  }
}
