package dev.realnvp.spark.training;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** What, beside what its caller says, makes a training another training. */
final class TrainingFingerprint {

  private TrainingFingerprint() {}

  static Map<String, String> of(MultiLayerNetwork network, TrainingSettings settings, int[] sizes) {
    return Map.ofEntries(
        Map.entry("workers", Integer.toString(sizes.length)),
        Map.entry("rows", Long.toString(Arrays.stream(sizes).asLongStream().sum())),
        Map.entry("partition-sizes", Integer.toHexString(Arrays.hashCode(sizes))),
        Map.entry("epochs", Integer.toString(settings.epochs())),
        Map.entry("batch", Integer.toString(settings.batchSize())),
        Map.entry("averaging-interval", Integer.toString(settings.averagingInterval())),
        Map.entry("seed", Long.toString(settings.seed())),
        Map.entry("master", settings.master().name()),
        Map.entry("clip-norm", Double.toString(settings.clipNorm())),
        Map.entry("patience", Integer.toString(settings.stopping().patience())),
        Map.entry("network", fingerprint(network)));
  }

  /** Of the configuration and of the state at the start. */
  private static String fingerprint(MultiLayerNetwork network) {
    CRC32C crc = new CRC32C();
    crc.update(bytes(network.getLayerWiseConfigurations().toJson()));
    NetworkState state = NetworkState.of(network);
    for (float[] values : new float[][] {state.parameters(), state.updater()}) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      crc.update(bytes);
    }
    return Long.toHexString(crc.getValue()) + "-%d-%d".formatted(state.iteration(), state.epoch());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
