package dev.realnvp.spark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SaveMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models on disk whose files do not belong together, or are not what they should be. */
class ModelDirectoryTest {

  private static final Configuration HADOOP = new Configuration();

  @TempDir Path temp;

  private MultiLayerNetwork network;

  @BeforeEach
  void write() throws IOException {
    network = write("flow", 1);
  }

  private MultiLayerNetwork write(String name, long seed) throws IOException {
    RealNVPConfig config =
        RealNVPConfig.builder(2, 0, 1, List.of(3))
            .mask(CouplingMask.HALF)
            .permute(false)
            .batchNorm(false)
            .seed(seed)
            .build();
    MultiLayerNetwork made =
        RealNVP.create(config, new Optimizer(0.1, Schedule.CONSTANT, 1, 0)).network();
    Manifest manifest =
        Manifest.builder("flow")
            .network(made)
            .settings(Map.of(), seed)
            .from("data", Map.of())
            .build();
    Path folder = temp.resolve(name);
    ModelDirectory.write(
        HADOOP,
        folder.toString(),
        SaveMode.ErrorIfExists,
        new StoredModel(made, manifest, Optional.empty()));
    // Hadoop's own check sums, which files that came here by other ways do not have.
    Files.delete(folder.resolve(".model.zip.crc"));
    Files.delete(folder.resolve(".manifest.json.crc"));
    return made;
  }

  private Path file(String name) {
    return temp.resolve("flow").resolve(name);
  }

  private StoredModel read() {
    return ModelDirectory.read(HADOOP, temp.resolve("flow").toString(), "flow");
  }

  private void edit(String from, String to) throws IOException {
    String json = Files.readString(file("manifest.json"));
    assertThat(json).containsPattern(from);
    Files.writeString(file("manifest.json"), json.replaceFirst(from, to));
  }

  private void assertRefused(String... message) {
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidInputException.class)
        .message()
        .contains(message);
  }

  @Test
  void aModelIsReadAsItWasWritten() {
    assertThat(read().network().params()).isEqualTo(network.params());
    assertThat(read().manifest().sha256()).matches("[0-9a-f]{64}");
  }

  @Test
  void anotherModelInItsPlaceIsRefusedWithBothSums() throws IOException {
    write("other", 2);
    Files.copy(
        temp.resolve("other/model.zip"), file("model.zip"), StandardCopyOption.REPLACE_EXISTING);
    assertRefused(
        file("model.zip") + " does not match its manifest: the SHA-256 sum is ",
        "expected " + sum().substring(0, 16) + "...");
  }

  private String sum() throws IOException {
    return Manifest.fromJson(Files.readString(file("manifest.json"))).sha256();
  }

  @Test
  void aManifestWithoutASumIsOfAnOlderVersionAndTheIdDecides() throws IOException {
    edit(",\\s*\"sha256\" : \"[0-9a-f]*\"", "");
    assertThat(read().network().params()).isEqualTo(network.params());
    edit("\"id\" : \"[0-9a-f]*\"", "\"id\" : \"0123456789abcdef\"");
    assertRefused(
        "model.zip does not match its manifest: the parameters' id is "
            + ModelStore.id(network)
            + ", expected 0123456789abcdef");
  }

  @Test
  void whatTheManifestSaysIsQuotedOnOneLine() throws IOException {
    edit("\"kind\" : \"flow\"", "\"kind\" : \"a\\\\nb\\\\u001b[2J\"");
    assertRefused("holds a model of kind a b [2J; expected flow");
  }

  @Test
  void aFileThatIsMissingAFolderOrTooLargeIsNamed() throws IOException {
    Files.delete(file("model.zip"));
    assertRefused("there is no " + file("model.zip"));
    Files.createDirectory(file("model.zip"));
    assertRefused(file("model.zip").toString());
    Files.write(file("manifest.json"), new byte[(16 << 20) + 1]);
    assertRefused(file("manifest.json") + " has more than 16777216 bytes");
    Files.delete(file("manifest.json"));
    assertRefused("there is no " + file("manifest.json"));
  }
}
