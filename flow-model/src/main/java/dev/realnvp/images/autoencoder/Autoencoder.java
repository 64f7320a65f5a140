package dev.realnvp.images.autoencoder;

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
 * network that is trained and saved; {@link AutoencoderEngine} encodes and decodes.
 */
public final class Autoencoder {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  private final MultiLayerNetwork network;
  private final int codeLayer;
  private final ImageShape image;
  private final int code;

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

  /** The index of the layer whose output is the code. */
  int codeLayer() {
    return codeLayer;
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
}
