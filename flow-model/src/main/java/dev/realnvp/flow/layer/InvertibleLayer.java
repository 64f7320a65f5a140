package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Floats;
import dev.realnvp.engine.StageLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link FlowLayer}'s stage under DL4J. The context passes through. Its gradient is not computed,
 * because nothing before a flow is trained: the incoming gradient is passed on unchanged.
 */
final class InvertibleLayer extends StageLayer<FlowLayer> {

  private transient float[] rows;
  private transient float[] gradient;

  InvertibleLayer(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  protected void read(INDArray input, Batch to) {
    rows = layerConf().rows().read(input, to);
  }

  @Override
  protected INDArray write(Batch from) {
    for (int i = 0; i < from.rows(); i++) {
      rows[rows.length - from.rows() + i] = (float) from.logDet()[i];
    }
    return layerConf().rows().write(from, rows, dataType);
  }

  /** For a stage, {@code -dLoss/dlogDet} is the row's weight. */
  @Override
  protected void readGradient(INDArray epsilon, Batch to) {
    gradient = layerConf().rows().columns(epsilon);
    float[] weights = to.weigh();
    for (int i = 0; i < to.rows(); i++) {
      weights[i] = -gradient[gradient.length - to.rows() + i];
    }
    to.values(Floats.of(gradient.clone()));
  }

  @Override
  protected INDArray writeGradient(Batch from) {
    return layerConf().rows().write(from, gradient, dataType);
  }

  @Override
  public boolean updaterDivideByMinibatch(String name) {
    return layerConf().layout().isTrained(name);
  }
}
