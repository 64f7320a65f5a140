package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the stages of a flow keep to, outside of training. */
class InvertibleStageContractTest {

  /** The log-determinants of differences of floats. */
  private static final double JACOBIAN = 1e-5;

  /**
   * The same of a spline, whose curvature jumps at its knots. FlowEngineTest compares with doubles.
   */
  private static final double JACOBIAN_NEAR_KNOTS = 2e-3;

  private static final String TRANSFORMS = "dev.realnvp.engine.StageCases#transforms";
  private static final float TOLERANCE = 2e-6f;

  private static InvertibleStage stage(StageCase given) {
    return (InvertibleStage) given.bound().stage();
  }

  private static float[] rows(StageCase given, Batch batch) {
    return Arrays.copyOf(batch.values().array(), given.rows() * given.inputs());
  }

  /** A batch with log-determinants of the stages before. */
  private static Batch batch(StageCase given, float[] x) {
    Batch batch = given.batch(x, false);
    for (int i = 0; i < given.rows(); i++) {
      batch.logDet()[i] = before(i);
    }
    return batch;
  }

  private static double before(int row) {
    return 0.25 * row - 1;
  }

  @ParameterizedTest
  @MethodSource(TRANSFORMS)
  void inverseUndoesForward(StageCase given) {
    Batch batch = batch(given, given.x());
    InvertibleStage stage = stage(given);
    stage.forward(batch, false);
    stage.inverse(batch);
    assertUndone(given, batch);
  }

  @ParameterizedTest
  @MethodSource(TRANSFORMS)
  void forwardUndoesInverse(StageCase given) {
    Batch batch = batch(given, given.x());
    InvertibleStage stage = stage(given);
    stage.inverse(batch);
    stage.forward(batch, false);
    assertUndone(given, batch);
  }

  private static void assertUndone(StageCase given, Batch batch) {
    assertThat(rows(given, batch)).containsExactly(given.x(), within(TOLERANCE));
    for (int i = 0; i < given.rows(); i++) {
      assertThat(batch.logDet()[i]).isCloseTo(before(i), within((double) TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSFORMS)
  void logDeterminantsAreThoseOfTheNumericJacobian(StageCase given) {
    double tolerance = given.name().equals("spline coupling") ? JACOBIAN_NEAR_KNOTS : JACOBIAN;
    Batch forward = batch(given, given.x());
    stage(given).forward(forward, false);
    Batch inverse = batch(given, given.x());
    stage(given).inverse(inverse);
    for (int i = 0; i < given.rows(); i++) {
      assertThat(forward.logDet()[i] - before(i))
          .isCloseTo(logDet(given, i, true), within(tolerance));
      assertThat(inverse.logDet()[i] - before(i))
          .isCloseTo(logDet(given, i, false), within(tolerance));
    }
  }

  private static double logDet(StageCase given, int row, boolean forward) {
    int features = given.inputs();
    double[][] jacobian = new double[features][];
    for (int j = 0; j < features; j++) {
      jacobian[j] =
          Derivatives.of(
              x -> output(given, x, row, forward),
              given.x(),
              j * given.rows() + row,
              Double.POSITIVE_INFINITY);
    }
    RealMatrix matrix = MatrixUtils.createRealMatrix(jacobian);
    return Math.log(Math.abs(new LUDecomposition(matrix).getDeterminant()));
  }

  private static double[] output(StageCase given, float[] x, int row, boolean forward) {
    Batch batch = given.batch(x, false);
    if (forward) {
      stage(given).forward(batch, false);
    } else {
      stage(given).inverse(batch);
    }
    float[] output = given.output(batch, row);
    double[] values = new double[output.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = output[i];
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource(TRANSFORMS)
  void rowsOfTheWayBackDoNotDependOnEachOther(StageCase given) {
    Batch all = given.batch(given.x(), false);
    stage(given).inverse(all);
    for (int i = 0; i < given.rows(); i++) {
      Batch one = given.row(i, given.x());
      stage(given).inverse(one);
      assertThat(Arrays.copyOf(one.values().array(), given.outputs()))
          .containsExactly(given.output(all, i), within(1e-6f));
      assertThat(one.logDet()[0]).isCloseTo(all.logDet()[i], within(1e-6));
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSFORMS)
  void theWayBackLeavesWhatItIsGiven(StageCase given) {
    float[] x = given.x();
    Bound bound = given.bound();
    float[] parameters = bound.values().clone();
    ((InvertibleStage) bound.stage()).inverse(given.batch(x, false));
    assertThat(x).isEqualTo(given.x());
    assertThat(bound.values()).isEqualTo(parameters);
  }
}
