package dev.realnvp.flow.layer;

import dev.realnvp.flow.Transformed;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Permutation}'s mathematics. */
final class PermutationImpl extends FlowLayerImpl<Permutation> {

  private final int[] order;
  private final int[] inverse;

  PermutationImpl(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    order = layerConf().order();
    inverse = Columns.inverse(order);
  }

  @Override
  Pass pass(INDArray x, INDArray context, boolean training) {
    return new Pass(
        Columns.gather(x, order),
        zero(x),
        (dz, dLogDet) -> new Pass.Gradients(Columns.gather(dz, inverse), null));
  }

  @Override
  Transformed invert(INDArray z, INDArray context) {
    return new Transformed(Columns.gather(z, inverse), zero(z));
  }

  private static INDArray zero(INDArray rows) {
    return Nd4j.zeros(rows.dataType(), rows.size(0), 1);
  }
}
