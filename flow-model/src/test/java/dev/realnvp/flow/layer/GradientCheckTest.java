package dev.realnvp.flow.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.Networks;
import dev.realnvp.flow.RealNVPConfig;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients, in training mode, against numeric ones: of parameters, rows and context. */
class GradientCheckTest {

  private static final boolean[] KEPT = {false, true, true, false};
  private static final int FEATURES = 4;
  private static final int CONTEXT = 2;

  static Stream<Arguments> networks() {
    LinearBatchNorm norm = new LinearBatchNorm(FEATURES, CONTEXT);
    Permutation permutation = new Permutation(CONTEXT, 2, 0, 3, 1);
    LinearCouplingLayer shared = new LinearCouplingLayer(CONTEXT, KEPT, List.of(5, 3), true);
    LinearCouplingLayer two = new LinearCouplingLayer(CONTEXT, KEPT, List.of(5, 3), false);
    return Stream.of(
        Arguments.of("batch norm", Networks.of(norm), 6),
        Arguments.of("batch norm, one row", Networks.of(norm), 1),
        Arguments.of("coupling, shared network", Networks.of(shared), 6),
        Arguments.of("coupling, two networks", Networks.of(two), 6),
        Arguments.of("coupling, one row", Networks.of(two), 1),
        Arguments.of("permutation, after a batch norm", Networks.of(norm, permutation), 6),
        Arguments.of(
            "standardization, after a batch norm",
            Networks.of(norm, new Standardization(FEATURES, CONTEXT)),
            6),
        Arguments.of(
            "flow",
            Networks.of(
                new RealNVPConfig(
                    FEATURES, CONTEXT, 2, List.of(5, 3), CouplingMask.ODDS, true, true, true, 3)),
            6),
        Arguments.of(
            "flow, alternating, two networks",
            Networks.of(
                new RealNVPConfig(
                    FEATURES, CONTEXT, 2, List.of(4), CouplingMask.HALF, false, true, false, 3)),
            6));
  }

  @BeforeEach
  void useDoubles() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  private static DataSet batch(int rows) {
    return FlowOutputLayer.batch(
        Networks.rows(21, rows, FEATURES), Networks.rows(22, rows, CONTEXT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void parameters(String name, MultiLayerNetwork network, int rows) {
    DataSet batch = batch(rows);
    Set<String> untrained =
        network.paramTable().keySet().stream()
            .filter(key -> key.matches("\\d+_(mean|var|scale)"))
            .collect(Collectors.toSet());
    assertThat(
            GradientCheckUtil.checkGradients(
                new GradientCheckUtil.MLNConfig()
                    .net(network)
                    .input(batch.getFeatures())
                    .labels(batch.getLabels())
                    .epsilon(1e-6)
                    .maxRelError(1e-5)
                    .minAbsoluteError(1e-8)
                    .excludeParams(untrained)))
        .isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void rowsContextAndLogDeterminant(String name, MultiLayerNetwork network, int rows) {
    DataSet batch = batch(rows);
    INDArray in = batch.getFeatures();
    INDArray gradient =
        network.calculateGradients(in, batch.getLabels(), null, null).getSecond().dup('c');
    double step = 1e-6;
    for (long i = 0; i < in.length(); i++) {
      double value = in.getDouble(i);
      in.putScalar(i, value + step);
      double plus = network.score(batch, true);
      in.putScalar(i, value - step);
      double minus = network.score(batch, true);
      in.putScalar(i, value);
      // The gradient is that of the sum over the batch, the score its mean.
      double numeric = rows * (plus - minus) / (2 * step);
      assertThat(gradient.getDouble(i)).isCloseTo(numeric, within(1e-6));
    }
  }
}
