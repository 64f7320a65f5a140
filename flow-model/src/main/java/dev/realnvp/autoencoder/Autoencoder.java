package dev.realnvp.autoencoder;

import dev.realnvp.convolution.Convolution;
import dev.realnvp.convolution.Dense;
import dev.realnvp.convolution.FanInUniform;
import dev.realnvp.model.Optimizer;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A convolutional autoencoder: images {@code [N, C, H, W]} with values in 0..1 to codes {@code [N,
 * code]} and back. Its loss is the binary cross-entropy per pixel, in nats. It wraps the DL4J
 * network that is trained and saved; {@link AutoencoderEngine} encodes and decodes.
 */
public final class Autoencoder {

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
    image =
        new ImageShape(Math.toIntExact(first.getNIn()), first.inputHeight(), first.inputWidth());
  }

  /** A new model, with initial parameters that follow from the seed. */
  public static Autoencoder create(AutoencoderConfig config, Optimizer optimizer) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(AutoencoderLayers.configuration(config, optimizer));
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

  /** The shape of its images. */
  public ImageShape image() {
    return image;
  }

  /** The index of the layer whose output is the code. */
  int codeLayer() {
    return codeLayer;
  }

  /** The width of the code. */
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
}
