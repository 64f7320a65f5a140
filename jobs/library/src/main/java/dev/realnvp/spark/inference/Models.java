package dev.realnvp.spark.inference;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderEngine;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.classifier.ClassifierEngine;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.model.SharedModel;

/** Programs of models that a broadcast carries, one a task. */
final class Models {

  private Models() {}

  static AutoencoderEngine autoencoder(SharedModel model) {
    return AutoencoderEngine.of(Autoencoder.of(model.network()));
  }

  static ClassifierEngine classifier(SharedModel model) {
    return ClassifierEngine.of(Classifier.of(model.network()));
  }

  static FlowEngine flow(SharedModel model) {
    return FlowEngine.of(RealNVP.of(model.network()));
  }
}
