package dev.realnvp.autoencoder;

import dev.realnvp.convolution.Convolution;
import dev.realnvp.convolution.Dense;
import dev.realnvp.convolution.Kernel;
import dev.realnvp.convolution.TransposedConvolution;
import dev.realnvp.model.Optimizer;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The autoencoder's layers, with S convolutions:
 *
 * <pre>0 .. S-1      convolutions, 3x3, stride 2, padding 1, no bias, ReLU
 * S             dense, to the code
 * S+1           dense, back to the last convolution's size, ReLU
 * S+2 .. 2S+1   transposed convolutions with bias, each to its mirror image's input; ReLU between
 * 2S+2          sigmoid and binary cross-entropy</pre>
 */
final class AutoencoderLayers {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  private AutoencoderLayers() {}

  static MultiLayerConfiguration configuration(AutoencoderConfig config, Optimizer optimizer) {
    List<ImageShape> shapes = shapes(config);
    int stages = config.channels().size();
    ImageShape smallest = shapes.get(stages);
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(config.seed())
            .dataType(DataType.FLOAT)
            .updater(optimizer.updater())
            .regularization(optimizer.regularization())
            .regularizationBias(optimizer.regularization())
            .list();
    for (int i = 0; i < stages; i++) {
      list.layer(convolution(shapes.get(i), shapes.get(i + 1)));
    }
    list.inputPreProcessor(stages, flatten(smallest));
    list.layer(dense(smallest.pixels(), config.code(), Activation.IDENTITY));
    list.layer(dense(config.code(), smallest.pixels(), Activation.RELU));
    list.inputPreProcessor(
        stages + 2,
        new FeedForwardToCnnPreProcessor(smallest.height(), smallest.width(), smallest.channels()));
    for (int i = stages; i > 0; i--) {
      Activation activation = i == 1 ? Activation.IDENTITY : Activation.RELU;
      list.layer(transposed(shapes.get(i), shapes.get(i - 1), activation));
    }
    list.inputPreProcessor(2 * stages + 2, flatten(config.image()));
    list.layer(
        new LossLayer.Builder(new BinaryCrossEntropy()).activation(Activation.SIGMOID).build());
    return list.build();
  }

  /** The image's shape before each convolution, and after the last one. */
  private static List<ImageShape> shapes(AutoencoderConfig config) {
    List<ImageShape> shapes = new ArrayList<>(List.of(config.image()));
    for (int channels : config.channels()) {
      ImageShape last = shapes.get(shapes.size() - 1);
      shapes.add(new ImageShape(channels, KERNEL.steps(last.height()), KERNEL.steps(last.width())));
    }
    return shapes;
  }

  private static Convolution convolution(ImageShape from, ImageShape to) {
    return new Convolution.Builder(KERNEL, from.height(), from.width())
        .nIn(from.channels())
        .nOut(to.channels())
        .hasBias(false)
        .activation(Activation.RELU)
        .build();
  }

  private static TransposedConvolution transposed(
      ImageShape from, ImageShape to, Activation activation) {
    return new TransposedConvolution.Builder(KERNEL, to.height(), to.width())
        .nIn(from.channels())
        .nOut(to.channels())
        .activation(activation)
        .build();
  }

  private static Dense dense(int from, int to, Activation activation) {
    return new Dense.Builder().nIn(from).nOut(to).activation(activation).build();
  }

  private static CnnToFeedForwardPreProcessor flatten(ImageShape shape) {
    return new CnnToFeedForwardPreProcessor(shape.height(), shape.width(), shape.channels());
  }
}
