package dev.realnvp.flow.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/** {@link Permutation}'s mathematics. */
final class PermutationImpl extends FlowLayerImpl<Permutation> {

  private final int[] order;
  private final int[] inverse;

  PermutationImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    order = layerConf().order();
    inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
  }

  @Override
  Pass pass(double[][] x, double[][] context, boolean training) {
    return new Pass(
        Columns.select(x, order),
        new double[x[0].length],
        (dz, dLogDet) -> Pass.Gradients.of(Columns.select(dz, inverse)));
  }

  @Override
  Pass.Inverse invert(double[][] z, double[][] context) {
    return new Pass.Inverse(Columns.select(z, inverse), new double[z[0].length]);
  }
}
