package dev.realnvp.images.classifier;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.engine.arrays.RowArrays;
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
 * cross-entropy, in nats. It wraps the DL4J network that is trained and saved.
 *
 * <p>It classifies plain float arrays, row-major and channels last, with the parameters that the
 * network has at the first such call. That is for one thread at a time. Arrays of wrong sizes are
 * refused with an {@link IllegalArgumentException}.
 */
public final class Classifier {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  /** Images per batch. */
  private static final int BLOCK = 100;

  private final MultiLayerNetwork network;
  private final ImageShape image;
  private final int classes;
  private final Batch batch = new Batch();
  private StageSequence sequence;

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

  /**
   * The probability of each class.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   * @return {@code [N, K]}, each row of sum 1
   */
  public float[] probabilities(float[] images, int rows) {
    int pixels = image.size();
    RowArrays.require("images", images.length, rows, pixels);
    if (sequence == null) {
      sequence = StageSequence.of(network).orElseThrow();
    }
    float[] probabilities = new float[Math.multiplyExact(rows, classes)];
    for (int from = 0; from < rows; from += BLOCK) {
      int count = Math.min(BLOCK, rows - from);
      batch.rows(count);
      batch.context().zeros(count * classes);
      float[] inputs = batch.inputs().ensureCapacity((long) count * pixels);
      System.arraycopy(images, from * pixels, inputs, 0, count * pixels);
      sequence.forward(batch, false);
      System.arraycopy(batch.values().array(), 0, probabilities, from * classes, count * classes);
    }
    return probabilities;
  }

  /**
   * The most likely class of each image.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   */
  public int[] mostLikelyClass(float[] images, int rows) {
    float[] probabilities = probabilities(images, rows);
    int[] mostLikelyClass = new int[rows];
    for (int i = 0; i < rows; i++) {
      for (int k = 1; k < classes; k++) {
        if (probabilities[i * classes + k] > probabilities[i * classes + mostLikelyClass[i]]) {
          mostLikelyClass[i] = k;
        }
      }
    }
    return mostLikelyClass;
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
