package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Jacobian;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What every transform keeps to; each one's test extends this. Arrays are double. */
public abstract class TransformContractTest {

  private static final int ROWS = 5;

  private Transform transform;
  private INDArray x;
  private INDArray context;

  /** The transform to check, in double. */
  protected abstract Transform transform();

  @BeforeEach
  void makeRows() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    transform = transform();
    x = Networks.rows(1, ROWS, transform.features());
    context = Networks.rows(2, ROWS, transform.context());
  }

  @Test
  void inverseUndoesForward() {
    INDArray z = transform.forward(x, context).outputs();
    assertClose(transform.inverse(z, context).outputs(), x, 1e-9);
  }

  @Test
  void forwardUndoesInverse() {
    INDArray back = transform.inverse(x, context).outputs();
    assertClose(transform.forward(back, context).outputs(), x, 1e-9);
  }

  @Test
  void logDeterminantsCancel() {
    Transformed forward = transform.forward(x, context);
    Transformed inverse = transform.inverse(forward.outputs(), context);
    assertClose(inverse.logAbsDetJacobian(), forward.logAbsDetJacobian().neg(), 1e-9);
  }

  @Test
  void logDeterminantIsThatOfTheNumericJacobian() {
    INDArray logDet = transform.forward(x, context).logAbsDetJacobian();
    assertThat(logDet.shape()).containsExactly(ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(logDet.getDouble(row)).isCloseTo(numericLogDet(row), within(1e-6));
    }
  }

  private double numericLogDet(int row) {
    int features = transform.features();
    double step = 1e-6;
    double[][] jacobian = new double[features][];
    for (int j = 0; j < features; j++) {
      INDArray plus = row(x, row).dup();
      INDArray minus = plus.dup();
      plus.putScalar(0, j, plus.getDouble(0, j) + step);
      minus.putScalar(0, j, minus.getDouble(0, j) - step);
      jacobian[j] =
          transform
              .forward(plus, row(context, row))
              .outputs()
              .sub(transform.forward(minus, row(context, row)).outputs())
              .divi(2 * step)
              .toDoubleVector();
    }
    return Jacobian.logAbsDet(jacobian);
  }

  @Test
  void rowsDoNotDependOnEachOther() {
    Transformed all = transform.forward(x, context);
    Transformed allBack = transform.inverse(x, context);
    for (int row = 0; row < ROWS; row++) {
      Transformed one = transform.forward(row(x, row), row(context, row));
      Transformed oneBack = transform.inverse(row(x, row), row(context, row));
      assertClose(one.outputs(), row(all.outputs(), row), 1e-12);
      assertClose(oneBack.outputs(), row(allBack.outputs(), row), 1e-12);
      assertThat(one.logAbsDetJacobian().getDouble(0))
          .isCloseTo(all.logAbsDetJacobian().getDouble(row), within(1e-12));
    }
  }

  @Test
  void argumentsStayAsTheyAre() {
    INDArray columnMajor = x.dup('f');
    INDArray contextBefore = context == null ? null : context.dup();
    transform.forward(columnMajor, context);
    transform.inverse(columnMajor, context);
    assertThat(columnMajor).isEqualTo(x);
    assertThat(context).isEqualTo(contextBefore);
  }

  @Test
  void memoryOrderDoesNotMatter() {
    INDArray z = transform.forward(x, context).outputs();
    INDArray wide = Nd4j.hstack(x, x);
    INDArray view = wide.get(NDArrayIndex.all(), NDArrayIndex.interval(x.size(1), 2 * x.size(1)));
    assertClose(transform.forward(x.dup('f'), context).outputs(), z, 0);
    assertClose(transform.forward(view, context).outputs(), z, 0);
  }

  @Test
  void anotherNumberOfFeaturesIsRefused() {
    int features = transform.features();
    INDArray wide = Networks.rows(3, ROWS, features + 1);
    String got = "[" + ROWS + ", " + (features + 1) + "]";
    String expected = "[N, " + features + "]";
    assertThatThrownBy(() -> transform.forward(wide, context))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(got)
        .hasMessageContaining(expected);
    assertThatThrownBy(() -> transform.inverse(wide, context))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(got)
        .hasMessageContaining(expected);
    assertThatThrownBy(() -> transform.forward(x.getRow(0), context))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[" + features + "]");
  }

  @Test
  void anotherContextIsRefused() {
    int width = transform.context();
    if (width == 0) {
      assertThat(transform.forward(x, Networks.rows(3, ROWS, 2)).outputs())
          .isEqualTo(transform.forward(x, null).outputs());
      return;
    }
    assertThatThrownBy(() -> transform.forward(x, Networks.rows(3, ROWS, width + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[" + ROWS + ", " + (width + 1) + "]")
        .hasMessageContaining("[N, " + width + "]");
    assertThatThrownBy(() -> transform.inverse(x, Networks.rows(3, ROWS + 1, width)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[" + (ROWS + 1) + ", " + width + "]")
        .hasMessageContaining("[" + ROWS + ", " + width + "]");
    assertThatThrownBy(() -> transform.forward(x, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("null");
  }

  private static INDArray row(INDArray matrix, int row) {
    return matrix == null
        ? null
        : matrix.get(NDArrayIndex.interval(row, row + 1), NDArrayIndex.all()).dup('c');
  }

  private static void assertClose(INDArray actual, INDArray expected, double tolerance) {
    assertThat(actual.shape()).containsExactly(expected.shape());
    assertThat(values(actual)).containsExactly(values(expected), within(tolerance));
  }

  private static double[] values(INDArray array) {
    return array.dup('c').reshape(array.length()).toDoubleVector();
  }
}
