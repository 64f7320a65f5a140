package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.column.Curve;
import dev.realnvp.flow.column.FeatureKind;
import dev.realnvp.flow.layer.MixedFeatures;
import dev.realnvp.flow.layer.Permutation;
import dev.realnvp.flow.layer.Transform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class ModelStoreTest {

  private static final Optimizer OPTIMIZER = new Optimizer(0.1, Schedule.COSINE, 10, 0.01);
  private static final DataSet BATCH =
      RealNVP.trainingBatch(
          Nd4j.createFromArray(new float[][] {{1, 2}, {3, -4}}),
          Nd4j.createFromArray(new float[][] {{1}, {2}}));

  @Test
  void aLoadedNetworkTrainsOnAsIfItHadNeverBeenSaved() throws IOException {
    MultiLayerNetwork network = SavedFiles.flow(OPTIMIZER);
    network.fit(BATCH);
    network.fit(BATCH);
    MultiLayerNetwork read = ModelStore.read(new ByteArrayInputStream(SavedFiles.save(network)));
    assertThat(read.params()).isEqualTo(network.params());
    assertThat(read.getUpdater().getStateViewArray())
        .isEqualTo(network.getUpdater().getStateViewArray());

    network.fit(BATCH);
    read.fit(BATCH);
    assertThat(read.params()).isEqualTo(network.params());
  }

  /** Their files name classes as those were called when the files were written. */
  @ParameterizedTest
  @CsvSource({"autoencoder, 460e30bb2e742981", "classifier, 21710400e1ced742"})
  void storedModelsOfImagesStillLoad(String name, String id) throws IOException {
    try (InputStream in = ModelStoreTest.class.getResourceAsStream("/golden/" + name + ".zip")) {
      assertThat(ModelStore.id(ModelStore.read(in))).isEqualTo(id);
    }
  }

  @Test
  void readsStreamsThatSayNothingIsAvailable() throws IOException {
    MultiLayerNetwork network = SavedFiles.flow(OPTIMIZER);
    InputStream shy =
        new ByteArrayInputStream(SavedFiles.save(network)) {
          @Override
          public synchronized int available() {
            return 0;
          }
        };
    assertThat(ModelStore.read(shy).params()).isEqualTo(network.params());
  }

  @Test
  void theIdIsTheStartOfTheHashOfTheParameters() throws Exception {
    MultiLayerNetwork network = SavedFiles.flow(OPTIMIZER);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (double p : network.params().toDoubleVector()) {
        out.writeFloat((float) p);
      }
    }
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
    assertThat(ModelStore.id(network))
        .hasSize(16)
        .isEqualTo(HexFormat.of().formatHex(hash).substring(0, 16));
    assertThat(ModelStore.id(ModelStore.read(new ByteArrayInputStream(SavedFiles.save(network)))))
        .isEqualTo(ModelStore.id(network));
    network.params().addi(1);
    assertThat(ModelStore.id(network)).isNotEqualTo(HexFormat.of().formatHex(hash, 0, 8));
  }

  /** Flows of columns by kinds once stored nothing for the distance. */
  @Test
  void readsFlowsOfKindsWithoutSurroundings() throws IOException {
    List<Transform> layers =
        List.of(
            new MixedFeatures(
                0, List.of(FeatureKind.continuous(Curve.linear(1, 2), 0.1)), List.of(3), 0),
            Permutation.identity(2, 0));
    byte[] zip = SavedFiles.save(RealNVP.of(layers).network());
    String earlier = SavedFiles.configuration(zip).replaceAll(",\\s*\"surroundings\" : 0", "");
    assertThat(earlier).doesNotContain("surroundings");
    byte[] stored =
        SavedFiles.with(zip, SavedFiles.CONFIGURATION, earlier.getBytes(StandardCharsets.UTF_8));
    assertThat(RealNVP.of(ModelStore.read(new ByteArrayInputStream(stored))).layers())
        .isEqualTo(layers);
  }
}
