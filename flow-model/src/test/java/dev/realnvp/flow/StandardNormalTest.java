package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class StandardNormalTest {

  @Test
  void logProbIsTheSumOfLogDensities() {
    INDArray z = Nd4j.createFromArray(new double[][] {{0, 0, 0}, {1, -2, 0.5}});
    double origin = 3 * Math.log(1 / Math.sqrt(2 * Math.PI));
    assertThat(StandardNormal.logProb(z).toDoubleVector())
        .containsExactly(new double[] {origin, origin - 5.25 / 2}, within(1e-12));
  }

  @Test
  void samplesHaveMeanZeroAndVarianceOne() {
    INDArray rows = StandardNormal.sample(50_000, 2, new SplittableRandom(1), DataType.DOUBLE);
    assertThat(rows.shape()).containsExactly(50_000, 2);
    assertThat(rows.mean(0).toDoubleVector()).containsExactly(new double[] {0, 0}, within(0.02));
    assertThat(rows.mul(rows).mean(0).toDoubleVector())
        .containsExactly(new double[] {1, 1}, within(0.03));
    assertThat(rows.getColumn(0).mul(rows.getColumn(1)).meanNumber().doubleValue())
        .isCloseTo(0, within(0.02));
  }

  @Test
  void samplesFollowTheSeed() {
    INDArray rows = StandardNormal.sample(4, 3, new SplittableRandom(1), DataType.FLOAT);
    assertThat(rows.dataType()).isEqualTo(DataType.FLOAT);
    assertThat(StandardNormal.sample(4, 3, new SplittableRandom(1), DataType.FLOAT))
        .isEqualTo(rows);
    assertThat(StandardNormal.sample(4, 3, new SplittableRandom(2), DataType.FLOAT))
        .isNotEqualTo(rows);
  }
}
