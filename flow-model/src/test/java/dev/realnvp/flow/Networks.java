package dev.realnvp.flow;

import dev.realnvp.flow.layer.Transform;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Networks away from their initial values, and rows for them. */
public final class Networks {

  private Networks() {}

  /** Layers in a network that does not move, with parameters far from their initial values. */
  public static MultiLayerNetwork of(Transform... layers) {
    MultiLayerNetwork network = RealNVP.of(List.of(layers)).network();
    scramble(network, 0.4);
    return network;
  }

  /** Gives all parameters random values of that deviation, scales and variances positive ones. */
  static void scramble(MultiLayerNetwork network, double deviation) {
    Nd4j.getRandom().setSeed(11);
    for (Map.Entry<String, INDArray> param : network.paramTable().entrySet()) {
      INDArray value = param.getValue();
      INDArray noise = Nd4j.randn(DataType.FLOAT, value.shape()).muli(deviation);
      boolean positive = param.getKey().endsWith("_var") || param.getKey().endsWith("_scale");
      value.assign(positive ? noise.mul(noise).addi(0.5) : noise);
    }
  }

  /** Normally distributed rows, from a seed; null where there are no columns. */
  public static INDArray rows(long seed, int count, int columns) {
    if (columns == 0) {
      return null;
    }
    Random random = new Random(seed);
    float[][] rows = new float[count][columns];
    for (float[] row : rows) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return Nd4j.createFromArray(rows);
  }

  /** The rows in double; null for null. */
  public static double[][] doubles(INDArray rows) {
    return rows == null ? null : rows.castTo(DataType.DOUBLE).toDoubleMatrix();
  }

  /** The elements row by row; none for null. */
  public static float[] floats(INDArray rows) {
    return rows == null ? new float[0] : rows.dup('c').data().asFloat();
  }

  /** Rows of numbers as a context; none for null. */
  public static Context context(INDArray rows) {
    return rows == null ? Context.NONE : new Context.Values(floats(rows), (int) rows.size(1));
  }

  /** {@code log p(x | context)} of each row, in nats, as DL4J computes it. */
  public static double[] logProb(RealNVP flow, INDArray x, INDArray context) {
    return flow.network()
        .output(RealNVP.trainingBatch(x, context).getFeatures())
        .reshape(x.size(0))
        .toDoubleVector();
  }
}
