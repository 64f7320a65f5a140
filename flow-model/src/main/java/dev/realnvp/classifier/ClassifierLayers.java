package dev.realnvp.classifier;

import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.convolution.Convolution;
import dev.realnvp.convolution.Dense;
import dev.realnvp.convolution.Kernel;
import dev.realnvp.model.Optimizer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The classifier's layers: convolutions, 3x3, stride 2, padding 1, with bias and ReLU; a dense
 * layer with ReLU; softmax and cross-entropy.
 */
final class ClassifierLayers {

  private static final Kernel KERNEL = new Kernel(3, 2, 1);

  private ClassifierLayers() {}

  static MultiLayerConfiguration configuration(ClassifierConfig config, Optimizer optimizer) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder()
            .seed(config.seed())
            .dataType(DataType.FLOAT)
            .updater(optimizer.updater())
            .regularization(optimizer.regularization())
            .regularizationBias(optimizer.regularization())
            .weightInit(WeightInit.RELU_UNIFORM)
            .list();
    ImageShape shape = config.image();
    for (int channels : config.channels()) {
      list.layer(
          new Convolution.Builder(KERNEL, shape.height(), shape.width())
              .nIn(shape.channels())
              .nOut(channels)
              .activation(Activation.RELU)
              .build());
      shape = new ImageShape(channels, KERNEL.steps(shape.height()), KERNEL.steps(shape.width()));
    }
    list.inputPreProcessor(
        config.channels().size(),
        new CnnToFeedForwardPreProcessor(shape.height(), shape.width(), shape.channels()));
    list.layer(
        new Dense.Builder()
            .nIn(shape.pixels())
            .nOut(config.dense())
            .activation(Activation.RELU)
            .build());
    list.layer(SoftmaxOutput.of(config.dense(), config.classes()));
    return list.build();
  }
}
