package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.LinearBatchNorm;
import dev.realnvp.flow.layer.LinearCouplingLayer;
import dev.realnvp.flow.layer.Permutation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class SequentialFlowTest extends TransformContractTest {

  private final Transform coupling =
      transform(new LinearCouplingLayer(2, new boolean[] {true, false, true}, List.of(4), true));
  private final Transform norm = transform(new LinearBatchNorm(3, 2));
  private final Transform permutation = transform(new Permutation(2, 1, 2, 0));

  private static Transform transform(FlowLayer layer) {
    return (Transform) Networks.of(layer).getLayer(0);
  }

  @Override
  protected Transform transform() {
    return new SequentialFlow(List.of(coupling, norm, permutation));
  }

  @Test
  void stepsAreThoseOfTheTransformsOneAfterTheOther() {
    SequentialFlow flow = new SequentialFlow(List.of(coupling, norm));
    INDArray x = Networks.rows(1, 4, 3);
    INDArray context = Networks.rows(2, 4, 2);

    Transformed first = coupling.forward(x, context);
    Transformed second = norm.forward(first.outputs(), context);
    List<Transformed> steps = flow.forwardSteps(x, context);
    assertThat(steps).hasSize(2);
    assertThat(steps.get(0)).isEqualTo(first);
    assertThat(steps.get(1).outputs()).isEqualTo(second.outputs());
    assertThat(steps.get(1).logAbsDetJacobian())
        .isEqualTo(first.logAbsDetJacobian().add(second.logAbsDetJacobian()));

    List<Transformed> back = flow.inverseSteps(x, context);
    assertThat(back).hasSize(2);
    assertThat(back.get(0)).isEqualTo(norm.inverse(x, context));
    assertThat(back.get(1)).isEqualTo(flow.inverse(x, context));
  }

  @Test
  void neighboursThatDoNotFitAreRefused() {
    Transform wide = transform(new LinearBatchNorm(5, 2));
    assertThatThrownBy(() -> new SequentialFlow(List.of(norm, coupling, wide)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "features: got 5 in transform 2 (LinearBatchNormImpl), expected the 3 of transform 1"
                + " (LinearCouplingLayerImpl)");
    Transform free = transform(new LinearBatchNorm(3, 0));
    assertThatThrownBy(() -> new SequentialFlow(List.of(norm, free)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "context: got 0 in transform 1 (LinearBatchNormImpl), expected the 2 of transform 0"
                + " (LinearBatchNormImpl)");
    assertThatThrownBy(() -> new SequentialFlow(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("transforms: got none, expected at least 1");
  }
}
