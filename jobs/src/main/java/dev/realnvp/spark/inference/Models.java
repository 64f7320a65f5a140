package dev.realnvp.spark.inference;

import dev.realnvp.model.ModelStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Networks out of the bytes that a broadcast carries. */
final class Models {

  private Models() {}

  static MultiLayerNetwork read(byte[] zip) {
    try {
      return ModelStore.read(new ByteArrayInputStream(zip));
    } catch (IOException e) {
      throw new UncheckedIOException("The broadcast model cannot be read", e);
    }
  }
}
