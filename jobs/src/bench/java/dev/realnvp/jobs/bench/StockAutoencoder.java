package dev.realnvp.jobs.bench;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.Pixels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The default autoencoder as DL4J's own layers give it: convolutions to 32 and 64 channels (3x3,
 * stride 2), a code of 20, and the mirror image of it.
 */
final class StockAutoencoder {

  private static final int[] KERNEL = {3, 3};
  private static final int[] STRIDE = {2, 2};
  private static final int[] CHANNELS = {1, 32, 64};
  private static final int CODE = 20;

  private static final int WARM = 10;
  private static final int STEPS = 40;

  private StockAutoencoder() {}

  /** Milliseconds of each warm step on the first images, in one thread. */
  static List<Double> millisecondsAStep(Workbench bench, int batch) throws IOException {
    ImageTable images = Images.read(bench.spark(), bench.images());
    byte[][] pixels =
        images.rows().select("pixels").limit(batch).collectAsList().stream()
            .map(row -> row.<byte[]>getAs(0))
            .toArray(byte[][]::new);
    DataSet minibatch = Autoencoder.trainingBatch(Pixels.toArray(pixels, images.layout()));
    MultiLayerNetwork network = create(images.layout().height());
    List<Double> milliseconds = new ArrayList<>();
    for (int step = 0; step < WARM + STEPS; step++) {
      long start = System.nanoTime();
      network.fit(minibatch);
      if (step >= WARM) {
        milliseconds.add((System.nanoTime() - start) / 1e6);
      }
    }
    return milliseconds;
  }

  /** A new network for grey images, whose side is a multiple of 4. */
  private static MultiLayerNetwork create(int side) {
    int small = side / 4;
    int flat = CHANNELS[2] * small * small;
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .updater(new Adam(1e-3))
                .l2(1e-5)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.RELU)
                .list()
                .layer(convolution(CHANNELS[0], CHANNELS[1]))
                .layer(convolution(CHANNELS[1], CHANNELS[2]))
                .layer(dense(flat, CODE).activation(Activation.IDENTITY).build())
                .layer(dense(CODE, flat).build())
                .layer(transposed(CHANNELS[2], CHANNELS[1]).build())
                .layer(transposed(CHANNELS[1], 1).activation(Activation.IDENTITY).build())
                .layer(
                    new LossLayer.Builder(LossFunction.XENT).activation(Activation.SIGMOID).build())
                .inputPreProcessor(2, new CnnToFeedForwardPreProcessor(small, small, CHANNELS[2]))
                .inputPreProcessor(4, new FeedForwardToCnnPreProcessor(small, small, CHANNELS[2]))
                .inputPreProcessor(6, new CnnToFeedForwardPreProcessor(side, side, CHANNELS[0]))
                .build());
    network.init();
    return network;
  }

  private static ConvolutionLayer convolution(int from, int to) {
    return new ConvolutionLayer.Builder(KERNEL, STRIDE).nIn(from).nOut(to).hasBias(false).build();
  }

  private static Deconvolution2D.Builder transposed(int from, int to) {
    return new Deconvolution2D.Builder(KERNEL, STRIDE).nIn(from).nOut(to);
  }

  private static DenseLayer.Builder dense(int from, int to) {
    return new DenseLayer.Builder().nIn(from).nOut(to);
  }
}
