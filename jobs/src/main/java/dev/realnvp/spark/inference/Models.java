package dev.realnvp.spark.inference;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderProgram;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.classifier.ClassifierProgram;
import dev.realnvp.flow.FlowProgram;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.model.SharedModel;

/** Programs of models that a broadcast carries, one a task. */
final class Models {

  private Models() {}

  static AutoencoderProgram autoencoder(SharedModel model) {
    return AutoencoderProgram.of(Autoencoder.of(model.network()));
  }

  static ClassifierProgram classifier(SharedModel model) {
    return ClassifierProgram.of(Classifier.of(model.network()));
  }

  static FlowProgram flow(SharedModel model) {
    return FlowProgram.of(RealNVP.of(model.network()));
  }
}
