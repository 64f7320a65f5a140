package dev.realnvp.engine.arrays;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FlatArraysTest {

  private static INDArray counted(long... shape) {
    return Nd4j.arange(Nd4j.create(shape).length()).castTo(DataType.FLOAT).reshape('c', shape);
  }

  /** However they lie in memory. */
  static Stream<INDArray> arrays() {
    INDArray images = counted(3, 2, 4, 5);
    INDArray matrix = counted(6, 4);
    return Stream.of(
        images,
        images.dup('f'),
        images.permute(0, 2, 3, 1),
        images.permute(3, 2, 1, 0),
        images.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2),
        images.castTo(DataType.DOUBLE),
        matrix,
        matrix.transpose(),
        matrix.getRow(2, true),
        matrix.getColumn(2, true),
        matrix.getColumn(1),
        matrix.get(NDArrayIndex.interval(1, 4), NDArrayIndex.interval(1, 3)),
        matrix.get(NDArrayIndex.interval(2, 5), NDArrayIndex.all()),
        matrix.reshape(24).get(NDArrayIndex.interval(5, 9)),
        Nd4j.create(DataType.FLOAT, 0),
        counted(1, 7),
        counted(7, 1));
  }

  @ParameterizedTest
  @MethodSource("arrays")
  void elementsAreReadInTheOrderThatIsAskedFor(INDArray array) {
    for (char order : new char[] {'c', 'f'}) {
      float[] values = FlatArrays.read(array, order);
      INDArray back = FlatArrays.array(values, array.dataType(), order, array.shape());
      assertThat(back.dataType()).isEqualTo(array.dataType());
      assertThat(back.shape()).isEqualTo(array.shape());
      long[] at = new long[array.rank()];
      for (int i = 0; i < values.length; i++) {
        int rest = i;
        for (int k = 0; k < at.length; k++) {
          int dimension = order == 'f' ? k : at.length - 1 - k;
          at[dimension] = rest % array.size(dimension);
          rest /= (int) array.size(dimension);
        }
        assertThat(values[i]).isEqualTo(array.getFloat(at));
        assertThat(back.getFloat(at)).isEqualTo(array.getFloat(at));
      }
    }
  }

  @Test
  void whatIsWrittenIntoAPartStaysThere() {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
      INDArray whole = Nd4j.zeros(type, 1, 9);
      FlatArrays.write(
          new float[] {1, 2, 3}, whole.get(NDArrayIndex.all(), NDArrayIndex.interval(4, 7)));
      assertThat(whole.toFloatVector()).containsExactly(0, 0, 0, 0, 1, 2, 3, 0, 0);
      INDArray matrix = Nd4j.zeros(type, 2, 2);
      FlatArrays.write(new float[] {1, 2}, matrix.getColumn(1));
      assertThat(matrix.toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 1}, {0, 2}});
    }
  }
}
