package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Interpolation.End;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class InterpolationTest {

  private static final int FEATURES = 6;

  private static End end(long seed, Integer label) {
    return new End(Networks.rows(seed, 1, FEATURES).mul(3).toFloatMatrix()[0], label);
  }

  private static double[][] doubles(float[][] rows) {
    return Networks.doubles(Nd4j.createFromArray(rows));
  }

  private static RealNVP flow(int classes) {
    RealNVP flow = RealNVP.create(Configs.small(FEATURES, classes, 3, 5), Configs.ADAM);
    INDArray params = flow.network().params();
    params.addi(Nd4j.randn(DataType.FLOAT, params.shape()).muli(0.05));
    return flow;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void theEndsAreTheRowsAndTheirDensities(int classes) {
    RealNVP flow = flow(classes);
    End from = end(1, 0);
    End to = end(2, 2);
    Interpolation path = Interpolation.between(flow, from, to, 5);
    assertThat(path.weights()).containsExactly(0, 0.25, 0.5, 0.75, 1);
    assertThat(path.values()[0]).containsExactly(from.x(), within(1e-4f));
    assertThat(path.values()[4]).containsExactly(to.x(), within(1e-4f));
    double[][] context = {{1, 0, 0}, {0, 0, 1}};
    double[][] ends = doubles(new float[][] {from.x(), to.x()});
    double[] logProb = new NaiveFlow(flow).logProb(ends, context, false);
    assertThat(path.logProb()[0]).isCloseTo(logProb[0], within(1e-3));
    assertThat(path.logProb()[4]).isCloseTo(logProb[1], within(1e-3));
  }

  @Test
  void betweenTheEndsContextsAreMixedAndLengthsToo() {
    RealNVP flow = flow(3);
    End from = end(1, 0);
    End to = end(2, 2);
    Interpolation path = Interpolation.between(flow, from, to, 3);
    double[] lengths = new double[3];
    double[][] contexts = {{1, 0, 0}, {0.5, 0, 0.5}, {0, 0, 1}};
    double[][] z = new NaiveFlow(flow).forward(doubles(path.values()), contexts, false).rows();
    for (int i = 0; i < 3; i++) {
      lengths[i] = Math.sqrt(DoubleStream.of(z[i]).map(v -> v * v).sum());
    }
    assertThat(lengths[1]).isCloseTo((lengths[0] + lengths[2]) / 2, within(1e-3));
  }

  @Test
  void goesAlongAGreatCircle() {
    double[] half = Interpolation.onCircle(new double[] {2, 0, 0}, new double[] {0, 4, 0}, 0.5);
    assertThat(half)
        .containsExactly(new double[] {Math.sqrt(4.5), Math.sqrt(4.5), 0}, within(1e-12));
    double[] third = Interpolation.onCircle(new double[] {1, 0}, new double[] {0, 1}, 1 / 3.0);
    assertThat(third).containsExactly(new double[] {Math.sqrt(0.75), 0.5}, within(1e-12));
  }

  @Test
  void goesStraightWhereNoCircleIsTold() {
    double[] one = {1, 2};
    assertThat(Interpolation.onCircle(one, new double[] {3, 6}, 0.5))
        .containsExactly(new double[] {2, 4}, within(1e-12));
    assertThat(Interpolation.onCircle(one, new double[] {-1, -2}, 0.25))
        .containsExactly(new double[] {0.5, 1}, within(1e-12));
    assertThat(Interpolation.onCircle(one, new double[] {0, 0}, 0.5))
        .containsExactly(new double[] {0.5, 1}, within(1e-12));
  }
}
