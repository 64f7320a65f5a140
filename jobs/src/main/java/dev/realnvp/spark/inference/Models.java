package dev.realnvp.spark.inference;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderProgram;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.classifier.ClassifierProgram;
import dev.realnvp.flow.FlowProgram;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.model.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Models out of the bytes that a broadcast carries. */
final class Models {

  private Models() {}

  static AutoencoderProgram autoencoder(byte[] zip) {
    return AutoencoderProgram.of(Autoencoder.of(read(zip)));
  }

  static ClassifierProgram classifier(byte[] zip) {
    return ClassifierProgram.of(Classifier.of(read(zip)));
  }

  static FlowProgram flow(byte[] zip) {
    return FlowProgram.of(RealNVP.of(read(zip)));
  }

  static MultiLayerNetwork read(byte[] zip) {
    try {
      return ModelStore.read(new ByteArrayInputStream(zip));
    } catch (IOException e) {
      throw new UncheckedIOException("The broadcast model cannot be read", e);
    }
  }
}
