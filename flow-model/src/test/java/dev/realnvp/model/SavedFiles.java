package dev.realnvp.model;

import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A saved network, taken apart and put together again. */
final class SavedFiles {

  static final String CONFIGURATION = "configuration.json";
  static final String COEFFICIENTS = "coefficients.bin";
  static final String STATE = "updaterState.bin";

  private SavedFiles() {}

  /** A small flow of two features, and context of one value. */
  static MultiLayerNetwork flow(Optimizer optimizer) {
    RealNVPConfig config =
        RealNVPConfig.builder(2, 1, 2, List.of(7)).linear(LinearMap.PERMUTATION).seed(5).build();
    return RealNVP.create(config, optimizer).network();
  }

  static byte[] save(MultiLayerNetwork network) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ModelStore.write(network, out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The entries of a zip, by name, in order. */
  static Map<String, byte[]> entries(byte[] zip) {
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] zip(Map<String, byte[]> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The saved network with one entry in another's place, or added at the end. */
  static byte[] with(byte[] zip, String name, byte[] content) {
    Map<String, byte[]> entries = entries(zip);
    entries.put(name, content);
    return zip(entries);
  }

  static String configuration(byte[] zip) {
    return new String(entries(zip).get(CONFIGURATION), StandardCharsets.UTF_8);
  }

  static byte[] withConfiguration(byte[] zip, String json) {
    return with(zip, CONFIGURATION, json.getBytes(StandardCharsets.UTF_8));
  }
}
