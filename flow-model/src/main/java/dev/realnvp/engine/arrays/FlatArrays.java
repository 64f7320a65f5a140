package dev.realnvp.engine.arrays;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies ND4J arrays of type FLOAT or DOUBLE to plain floats and back, in one block. */
public final class FlatArrays {

  private FlatArrays() {}

  /**
   * The elements of an array.
   *
   * @param order of the result, {@code 'c'} or {@code 'f'}
   */
  public static float[] read(INDArray array, char order) {
    INDArray floats = array.castTo(DataType.FLOAT);
    INDArray plain = isPlain(floats, order) ? floats : floats.dup(order);
    float[] values = new float[Math.toIntExact(array.length())];
    if (values.length == 0) {
      return values;
    }
    new FloatPointer(plain.data().addressPointer()).get(values);
    // Its memory is freed once nothing refers to it.
    Reference.reachabilityFence(plain);
    return values;
  }

  /** Whether the elements are contiguous, in that order. */
  private static boolean isPlain(INDArray array, char order) {
    return Arrays.equals(array.stride(), Nd4j.getStrides(array.shape(), order));
  }

  /** Writes the elements of a vector, which may be a view of another one. */
  public static void write(float[] values, INDArray vector) {
    if (vector.dataType() == DataType.FLOAT && isPlain(vector, 'c')) {
      new FloatPointer(vector.data().addressPointer()).put(values);
    } else {
      vector.assign(Nd4j.createFromArray(values).reshape(vector.shape()));
    }
  }

  /**
   * A new array in the current workspace.
   *
   * @param values its elements, in that order
   */
  public static INDArray array(float[] values, DataType type, char order, long... shape) {
    INDArray floats = Nd4j.createUninitialized(DataType.FLOAT, shape, order);
    if (values.length > 0) {
      new FloatPointer(floats.data().addressPointer()).put(values);
    }
    return floats.castTo(type);
  }
}
