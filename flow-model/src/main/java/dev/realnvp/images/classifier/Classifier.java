package dev.realnvp.images.classifier;

import dev.realnvp.images.convolution.Convolution;
import dev.realnvp.images.convolution.Dense;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.images.convolution.Kernel;
import dev.realnvp.model.Optimizer;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A convolutional classifier of images {@code [N, C, H, W]} into K classes. Its loss is the
 * cross-entropy, in nats. It wraps the DL4J network that is trained and saved; {@link
 * ClassifierEngine} classifies.
 */
public final class Classifier {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  private final MultiLayerNetwork network;
  private final ImageShape image;
  private final int classes;

  private Classifier(MultiLayerNetwork network) {
    this.network = network;
    if (!(conf(0) instanceof Convolution first)
        || !(conf(network.getnLayers() - 1) instanceof SoftmaxOutput last)) {
      throw new IllegalArgumentException(
          "network: got layers %s, expected a classifier's"
              .formatted(
                  Arrays.stream(network.getLayers())
                      .map(layer -> layer.conf().getLayer().getClass().getSimpleName())
                      .toList()));
    }
    image = ImageShape.of(first.shape());
    classes = Math.toIntExact(last.getNOut());
  }

  /** A new model, with initial parameters that follow from the seed. */
  public static Classifier create(ClassifierConfig config, Optimizer optimizer) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration(config, optimizer));
    network.init();
    return new Classifier(network);
  }

  /**
   * A saved model.
   *
   * @throws IllegalArgumentException if the network is not a classifier
   */
  public static Classifier of(MultiLayerNetwork network) {
    return new Classifier(network);
  }

  /** The network; it is trained on {@link #trainingBatch}. */
  public MultiLayerNetwork network() {
    return network;
  }

  public ImageShape image() {
    return image;
  }

  /** The number of classes, K. */
  public int classes() {
    return classes;
  }

  /**
   * A training batch: the images, and their labels as one-hot rows.
   *
   * @param images {@code [N, C, H, W]}
   * @param labels {@code [N]}, each in 0..K-1
   * @param classes K
   * @throws IllegalArgumentException if a label is out of range, or there is not one per image
   */
  public static DataSet trainingBatch(INDArray images, int[] labels, int classes) {
    if (labels.length != images.size(0)) {
      throw new IllegalArgumentException(
          "labels: got %d, expected one an image, %d".formatted(labels.length, images.size(0)));
    }
    float[][] rows = new float[labels.length][classes];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "label: got %d, expected 0 to %d".formatted(labels[i], classes - 1));
      }
      rows[i][labels[i]] = 1;
    }
    return new DataSet(images, Nd4j.createFromArray(rows).castTo(images.dataType()));
  }

  private Layer conf(int index) {
    return network.getLayer(index).conf().getLayer();
  }

  /**
   * Convolutions, 3x3, stride 2, padding 1, with bias and ReLU; a dense layer with ReLU; softmax
   * and cross-entropy.
   */
  private static MultiLayerConfiguration configuration(
      ClassifierConfig config, Optimizer optimizer) {
    NeuralNetConfiguration.ListBuilder list =
        optimizer.network(config.seed()).weightInit(WeightInit.RELU_UNIFORM).list();
    ImageShape shape = config.image();
    for (int channels : config.channels()) {
      list.layer(new Convolution(shape.convolution(KERNEL, channels), true, Activation.RELU));
      shape = shape.maps(KERNEL, channels);
    }
    list.inputPreProcessor(config.channels().size(), shape.flatten());
    list.layer(new Dense(shape.size(), config.dense(), Activation.RELU));
    list.layer(new SoftmaxOutput(config.dense(), config.classes()));
    return list.build();
  }
}
