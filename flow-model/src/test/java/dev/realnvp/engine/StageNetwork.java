package dev.realnvp.engine;

import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.FlowOutputLayer;
import dev.realnvp.flow.layer.InvertibleBatchNorm;
import dev.realnvp.images.classifier.SoftmaxOutput;
import dev.realnvp.images.convolution.Dense;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A layer under contract in a DL4J network: a transform in front of a flow's loss, a map in front
 * of a classifier's end, a loss behind a layer that is trained.
 *
 * @param network trained by Adam; the layer has its case's parameters
 * @param index the layer's
 */
record StageNetwork(StageCase given, MultiLayerNetwork network, int index) {

  private static final double RATE = 1e-2;
  private static final int DENSE = 6;
  private static final int CLASSES = 3;

  static StageNetwork of(StageCase given) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(DataType.FLOAT)
            .updater(new Adam(RATE))
            .list();
    int index = 0;
    int width = given.inputs();
    if (given.layer() instanceof FlowLayer layer) {
      list.layer(layer).layer(new FlowOutputLayer(width, given.contextAfter(), 0));
    } else if (given.layer() instanceof FlowOutputLayer loss) {
      list.layer(new FlowLayer(new InvertibleBatchNorm(width, given.context()))).layer(loss);
      index = 1;
    } else if (given.layer() instanceof ILossFunction loss) {
      list.layer(dense(width, width))
          .layer(new LossLayer.Builder(loss).activation(Activation.SIGMOID).build());
      index = 1;
    } else if (given.layer() instanceof OutputLayer loss) {
      list.layer(loss);
    } else {
      list.layer((Layer) given.layer()).layer(dense(given.outputs(), DENSE));
      list.layer(new SoftmaxOutput(DENSE, CLASSES));
      int[] out = given.out();
      if (out.length == 3) {
        list.inputPreProcessor(1, new CnnToFeedForwardPreProcessor(out[1], out[2], out[0]));
      }
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.build());
    network.init();
    float[] parameters = given.parameters();
    if (parameters.length > 0) {
      network.getLayer(index).setParams(Nd4j.createFromArray(parameters).reshape(1, -1));
    }
    network.initGradientsView();
    return new StageNetwork(given, network, index);
  }

  private static Dense dense(int in, int out) {
    return new Dense(in, out, Activation.IDENTITY);
  }

  /** The rows of the case, of a loss also the targets. */
  DataSet data() {
    Batch batch = given.batch(given.x(), false);
    if (given.layer() instanceof ILossFunction) {
      INDArray targets = array(batch.inputs().array(), given.in());
      return new DataSet(targets, targets);
    }
    INDArray input = input(batch);
    if (given.order() == Affine.Order.COLUMNS) {
      return new DataSet(input, Nd4j.zeros(given.rows(), 1));
    }
    return new DataSet(input, Nd4j.createFromArray(targets()).reshape('f', given.rows(), CLASSES));
  }

  /** What the layer is given: of a flow {@code [x | context | logDet]}, with a logDet of 0. */
  INDArray input(Batch batch) {
    return given.order() == Affine.Order.COLUMNS
        ? rows(
            batch.values().array(),
            batch.context().array(),
            given.context(),
            new float[given.rows()])
        : array(batch.values().array(), given.in());
  }

  /** {@code [values | context | last]}, from arrays column by column, the context of some width. */
  INDArray rows(float[] values, float[] context, int width, float[] last) {
    int count = given.rows();
    int x = given.inputs() * count;
    float[] columns = new float[x + width * count + count];
    System.arraycopy(values, 0, columns, 0, x);
    System.arraycopy(context, 0, columns, x, width * count);
    System.arraycopy(last, 0, columns, x + width * count, count);
    return Nd4j.createFromArray(columns).reshape('f', count, columns.length / count).dup('c');
  }

  /** An array of DL4J's, channels first, from one that lies channels last. */
  INDArray array(float[] values, int[] shape) {
    int count = given.rows();
    int size = count * IntStream.of(shape).reduce(1, Math::multiplyExact);
    INDArray all = Nd4j.createFromArray(Arrays.copyOf(values, size));
    return shape.length == 3
        ? all.reshape('c', count, shape[1], shape[2], shape[0]).permute(0, 3, 1, 2).dup('c')
        : all.reshape('c', count, shape[0]);
  }

  /** Fills a batch with {@link #data} as stages have it. */
  void fill(Batch to) {
    Batch batch = given.batch(given.x(), false);
    to.rows(given.rows());
    float[] inputs =
        given.layer() instanceof ILossFunction ? batch.inputs().array() : batch.values().array();
    System.arraycopy(inputs, 0, to.inputs().ensureCapacity(inputs.length), 0, inputs.length);
    float[] context = given.order() == Affine.Order.COLUMNS ? batch.context().array() : targets();
    System.arraycopy(context, 0, to.context().ensureCapacity(context.length), 0, context.length);
  }

  /** One-hot, column by column. */
  private float[] targets() {
    float[] targets = new float[CLASSES * given.rows()];
    for (int i = 0; i < given.rows(); i++) {
      targets[i % CLASSES * given.rows() + i] = 1;
    }
    return targets;
  }
}
