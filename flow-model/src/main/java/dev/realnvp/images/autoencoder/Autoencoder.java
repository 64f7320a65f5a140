package dev.realnvp.images.autoencoder;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.RowArrays;
import dev.realnvp.images.convolution.Convolution;
import dev.realnvp.images.convolution.Dense;
import dev.realnvp.images.convolution.FanInUniform;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.images.convolution.Kernel;
import dev.realnvp.images.convolution.TransposedConvolution;
import dev.realnvp.model.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A convolutional autoencoder: images {@code [N, C, H, W]} with values in 0..1 to codes {@code [N,
 * code]} and back. Its loss is the binary cross-entropy per pixel, in nats. It wraps the DL4J
 * network that is trained and saved.
 *
 * <p>It encodes and decodes plain float arrays, row-major and channels last, with the parameters
 * that the network has at the first such call. That is for one thread at a time. Arrays of wrong
 * sizes are refused with an {@link IllegalArgumentException}.
 */
public final class Autoencoder {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  /** Images per batch. */
  private static final int BLOCK = 100;

  private final MultiLayerNetwork network;
  private final int codeLayer;
  private final ImageShape image;
  private final int pixels;
  private final int code;
  private final Batch batch = new Batch();
  private StageSequence sequence;

  private Autoencoder(MultiLayerNetwork network) {
    this.network = network;
    int last = network.getnLayers() - 1;
    if (last < 4
        || last % 2 != 0
        || !(conf(0) instanceof Convolution first)
        || !(conf(last / 2 - 1) instanceof Dense dense)
        || !(conf(last) instanceof LossLayer loss)
        || !(loss.getLossFn() instanceof BinaryCrossEntropy)) {
      throw new IllegalArgumentException(
          "network: got layers %s, expected an autoencoder's"
              .formatted(
                  Arrays.stream(network.getLayers())
                      .map(layer -> layer.conf().getLayer().getClass().getSimpleName())
                      .toList()));
    }
    codeLayer = last / 2 - 1;
    code = Math.toIntExact(dense.getNOut());
    image = ImageShape.of(first.shape());
    pixels = image.size();
  }

  /** A new model, with initial parameters that follow from the seed. */
  public static Autoencoder create(AutoencoderConfig config, Optimizer optimizer) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration(config, optimizer));
    network.init();
    FanInUniform.initialize(network, config.seed());
    return new Autoencoder(network);
  }

  /**
   * A saved model.
   *
   * @throws IllegalArgumentException if the network is not an autoencoder
   */
  public static Autoencoder of(MultiLayerNetwork network) {
    return new Autoencoder(network);
  }

  /** The network; it is trained on {@link #trainingBatch}. */
  public MultiLayerNetwork network() {
    return network;
  }

  public ImageShape image() {
    return image;
  }

  public int code() {
    return code;
  }

  /**
   * A training batch: the images as inputs, and as targets, {@code [N, C*H*W]}.
   *
   * @param images {@code [N, C, H, W]} in 0..1
   */
  public static DataSet trainingBatch(INDArray images) {
    return new DataSet(images, images.reshape('c', images.size(0), -1));
  }

  private StageSequence sequence() {
    if (sequence == null) {
      sequence = StageSequence.of(network).orElseThrow();
    }
    return sequence;
  }

  /**
   * The images' codes.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param rows N
   * @return {@code [N, code]}
   */
  public float[] encode(float[] images, int rows) {
    return encode(images, rows, null);
  }

  /**
   * The images' codes, and in the same pass the losses of their reconstructions.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param losses {@code [N]}, the result: the binary cross-entropy of each image's reconstruction,
   *     in nats per pixel
   * @return {@code [N, code]}
   */
  public float[] encode(float[] images, double[] losses) {
    return encode(images, losses.length, losses);
  }

  private float[] encode(float[] images, int rows, double[] losses) {
    RowArrays.require("images", images.length, rows, pixels);
    float[] codes = new float[Math.multiplyExact(rows, code)];
    for (int from = 0; from < rows; from += BLOCK) {
      int count = load(images, pixels, from, rows);
      sequence().forward(batch, 0, codeLayer + 1);
      System.arraycopy(batch.values().array(), 0, codes, from * code, count * code);
      if (losses != null) {
        sequence().forward(batch, codeLayer + 1, sequence().stages().size());
        System.arraycopy(batch.losses(), 0, losses, from, count);
      }
    }
    return codes;
  }

  /**
   * How much of each image its reconstruction misses, compared with an image of one colour: 0 if
   * nothing is missing, 1 if it is as far from the image as the image's mean colour is.
   *
   * @param images {@code [N, H, W, C]} in 0..1
   * @param losses theirs by {@link #encode(float[], double[])}, {@code [N]}
   * @return {@code [N]}, finite and at least 0
   */
  public double[] relativeErrors(float[] images, double[] losses) {
    RowArrays.require("images", images.length, losses.length, pixels);
    double[] errors = new double[losses.length];
    Arrays.setAll(errors, i -> RelativeError.of(images, i * pixels, image, losses[i]));
    return errors;
  }

  /**
   * The images of codes.
   *
   * @param codes {@code [N, code]}
   * @param rows N
   * @return {@code [N, H, W, C]} in 0..1
   */
  public float[] decode(float[] codes, int rows) {
    RowArrays.require("codes", codes.length, rows, code);
    float[] images = new float[Math.multiplyExact(rows, pixels)];
    int loss = sequence().stages().size() - 1;
    for (int from = 0; from < rows; from += BLOCK) {
      int count = load(codes, code, from, rows);
      sequence().forward(batch, codeLayer + 1, loss);
      System.arraycopy(batch.values().array(), 0, images, from * pixels, count * pixels);
    }
    Elementwise.sigmoid(images, images, 0, images.length);
    return images;
  }

  /** Fills the batch from a row on, and returns the number of rows. */
  private int load(float[] values, int width, int from, int rows) {
    int count = Math.min(BLOCK, rows - from);
    batch.rows(count);
    float[] inputs = batch.inputs().ensureCapacity((long) count * width);
    System.arraycopy(values, from * width, inputs, 0, count * width);
    return count;
  }

  private Layer conf(int index) {
    return network.getLayer(index).conf().getLayer();
  }

  /**
   * The layers, with S convolutions:
   *
   * <pre>0 .. S-1      convolutions, 3x3, stride 2, padding 1, no bias, ReLU
   * S             dense, to the code
   * S+1           dense, back to the last convolution's size, ReLU
   * S+2 .. 2S+1   transposed convolutions with bias, each to its mirror image's input; ReLU between
   * 2S+2          sigmoid and binary cross-entropy</pre>
   */
  private static MultiLayerConfiguration configuration(
      AutoencoderConfig config, Optimizer optimizer) {
    List<ImageShape> shapes = shapes(config);
    int stages = config.channels().size();
    ImageShape smallest = shapes.get(stages);
    NeuralNetConfiguration.ListBuilder list = optimizer.network(config.seed()).list();
    for (int i = 0; i < stages; i++) {
      list.layer(
          new Convolution(
              shapes.get(i).convolution(KERNEL, config.channels().get(i)), false, Activation.RELU));
    }
    list.inputPreProcessor(stages, smallest.flatten());
    list.layer(new Dense(smallest.size(), config.code(), Activation.IDENTITY));
    list.layer(new Dense(config.code(), smallest.size(), Activation.RELU));
    list.inputPreProcessor(
        stages + 2,
        new FeedForwardToCnnPreProcessor(smallest.height(), smallest.width(), smallest.channels()));
    for (int i = stages; i > 0; i--) {
      Activation activation = i == 1 ? Activation.IDENTITY : Activation.RELU;
      list.layer(
          new TransposedConvolution(
              shapes.get(i - 1).convolution(KERNEL, config.channels().get(i - 1)),
              true,
              activation));
    }
    list.inputPreProcessor(2 * stages + 2, config.image().flatten());
    list.layer(
        new LossLayer.Builder(new BinaryCrossEntropy()).activation(Activation.SIGMOID).build());
    return list.build();
  }

  /** The image's shape before each convolution, and after the last one. */
  private static List<ImageShape> shapes(AutoencoderConfig config) {
    List<ImageShape> shapes = new ArrayList<>(List.of(config.image()));
    for (int channels : config.channels()) {
      shapes.add(shapes.get(shapes.size() - 1).maps(KERNEL, channels));
    }
    return shapes;
  }

  /**
   * How much of an image its reconstruction misses, compared with an image of one colour:
   *
   * <pre>
   * e = sqrt(D(x | y) / (D(x | m) + 1 / P))
   * D(x | q) = mean over the P values of  x log(x / q) + (1 - x) log((1 - x) / (1 - q))
   * </pre>
   *
   * <p>where y is the reconstruction of the image x, and each value of m is the mean of its channel
   * in x. It is 0 if nothing is missing, and 1 if y is as far from x as its mean colour is. But for
   * {@code 1 / P}, a nat per image, which keeps e finite for an image of one colour, {@code 1 -
   * e^2} is the R-squared of Cameron and Windmeijer 1997, An R-squared measure of goodness of fit
   * for some common nonlinear regression models.
   *
   * <p>{@code D(x | y)} is the binary cross-entropy less the entropy of x, which is no loss: grey
   * values cost nats however well they are reconstructed. And an image with little in it, of which
   * there is little to miss, is measured by that little.
   */
  private static final class RelativeError {

    private static final int LEVELS = 255;

    /** The entropies of 8-bit values. */
    private static final double[] ENTROPIES = new double[LEVELS + 1];

    static {
      for (int i = 0; i <= LEVELS; i++) {
        ENTROPIES[i] = entropy(i / (float) LEVELS);
      }
    }

    private RelativeError() {}

    /**
     * The error of an image.
     *
     * @param images channels last, in 0..1
     * @param from the image's place
     * @param shape of the image
     * @param crossEntropy of the image under its reconstruction, in nats per value
     */
    static double of(float[] images, int from, ImageShape shape, double crossEntropy) {
      int pixels = shape.size();
      double entropy = 0;
      double[] sums = new double[shape.channels()];
      for (int i = 0; i < pixels; i++) {
        float x = images[from + i];
        int level = Math.round(LEVELS * x);
        entropy += level / (float) LEVELS == x ? ENTROPIES[level] : entropy(x);
        sums[i % sums.length] += x;
      }
      double ofMean = 0;
      for (double sum : sums) {
        ofMean += entropy(sum * sums.length / pixels) / sums.length;
      }
      entropy /= pixels;
      // Rounding may leave less than nothing of a difference.
      double missed = Math.max(0, crossEntropy - entropy);
      return Math.sqrt(missed / (Math.max(0, ofMean - entropy) + 1.0 / pixels));
    }

    /** {@code -x log x - (1 - x) log(1 - x)}, in nats. */
    private static double entropy(double x) {
      return x <= 0 || x >= 1 ? 0 : -x * Math.log(x) - (1 - x) * Math.log1p(-x);
    }
  }
}
