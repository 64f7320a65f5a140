package dev.realnvp.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.exchange.FlowArrays;
import dev.realnvp.exchange.Npz;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Models and calibrations: as they are stored, by their parts, and as a file for other tools. */
final class ModelInputs {

  private static final Configuration HADOOP = new Configuration();
  private static final MultiLayerNetwork NETWORK = network(3, 2);
  private static final String CALIBRATION = "calibration.json";

  private static final Manifest MANIFEST =
      Manifest.builder("flow")
          .network(NETWORK)
          .settings(Map.of("features", 3, "classes", 2, "class_counts", List.of(7, 9)), 1)
          .from("0123456789abcdef0123456789abcdef", Map.of("autoencoder", "fedcba9876543210"))
          .history(List.of(new EpochStats(1, 2, 0.5, 0.25, 3, 41.5, Double.NaN)))
          .build();

  private ModelInputs() {}

  static MultiLayerNetwork network(int features, int classes) {
    return RealNVP.create(
            RealNVPConfig.builder(features, classes, 2, List.of(4)).seed(1).build(),
            new Optimizer(1e-3, Schedule.COSINE, 15, 1e-5))
        .network();
  }

  private static void write(Path folder, Optional<Calibration> calibration) throws IOException {
    ModelDirectory.write(
        HADOOP,
        folder.toString(),
        SaveMode.Overwrite,
        new StoredModel(NETWORK, MANIFEST, calibration));
  }

  static void makeModel(SparkSession spark, Path folder) throws IOException {
    write(folder, Optional.empty());
  }

  /** The parameters; a manifest's other fields have nothing to be compared with. */
  static Object readModel(SparkSession spark, Path folder) throws IOException {
    StoredModel model = ModelDirectory.read(HADOOP, folder.toString(), "flow");
    RealNVP.of(model.network());
    return model.network().params();
  }

  static void makeEntries(SparkSession spark, Path folder) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(NETWORK, out);
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Files.write(folder.resolve(entry.getName()), in.readAllBytes());
      }
    }
  }

  static Object readEntries(SparkSession spark, Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : List.of("configuration.json", "coefficients.bin", "updaterState.bin")) {
        if (Files.isRegularFile(folder.resolve(name))) {
          zip.putNextEntry(new ZipEntry(name));
          zip.write(Files.readAllBytes(folder.resolve(name)));
        }
      }
    }
    try {
      MultiLayerNetwork network = ModelStore.read(new ByteArrayInputStream(bytes.toByteArray()));
      assertThat(network.numParams()).isEqualTo(network.params().length());
      return List.of();
    } catch (IllegalArgumentException e) {
      throw named(folder, e);
    }
  }

  /** As ModelDirectory does, which names the file. */
  private static InvalidInputException named(Path file, IllegalArgumentException e) {
    return new InvalidInputException(file + " is " + e.getMessage(), e);
  }

  static void makeExported(SparkSession spark, Path folder) throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve("flow.npz"))) {
      Npz.write(FlowArrays.of(RealNVP.of(NETWORK), MANIFEST), out);
    }
  }

  static Object readExported(SparkSession spark, Path folder) {
    String file = folder.resolve("flow.npz").toString();
    return ModelDirectory.readArrays(HADOOP, file, "flow").flow().network().params();
  }

  static void makeManifest(SparkSession spark, Path folder) throws IOException {
    Manifests.writeTable(HADOOP, folder.toString(), MANIFEST);
  }

  static Object readManifest(SparkSession spark, Path folder) throws IOException {
    Optional<Manifest> manifest = Manifests.ofTable(spark, folder.toString());
    manifest.ifPresent(read -> assertThat(Manifest.fromJson(read.toJson())).isEqualTo(read));
    return List.of();
  }

  private static Calibration calibration() {
    Random random = new Random(1);
    int rows = 40;
    return Calibration.of(
        new ScoredRows(
            random.doubles(rows).map(u -> Math.log(u) - 40).toArray(),
            Calibration.RELATIVE_ERROR,
            random.doubles(rows).map(u -> 0.1 * u).toArray(),
            random.ints(rows, 0, 2).toArray()),
        3,
        "test");
  }

  static void makeCalibrated(SparkSession spark, Path folder) throws IOException {
    write(folder, Optional.of(calibration()));
  }

  static Object readCalibrated(SparkSession spark, Path folder) throws IOException {
    // Whoever deletes the sum from the manifest has a flow without a calibration.
    return ModelDirectory.read(HADOOP, folder.toString(), "flow")
        .calibration()
        .orElseGet(ModelInputs::calibration)
        .toJson();
  }

  static void makeCalibration(SparkSession spark, Path folder) throws IOException {
    Files.writeString(folder.resolve(CALIBRATION), calibration().toJson());
  }

  static Object readCalibration(SparkSession spark, Path folder) throws IOException {
    Path file = folder.resolve(CALIBRATION);
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try {
      Calibration read =
          Calibration.fromJson(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      assertThat(Calibration.fromJson(read.toJson())).usingRecursiveComparison().isEqualTo(read);
      for (AnomalyDetector detector : List.of(read.detector(0.1), read.densityDetector(0.1))) {
        assertThat(detector.threshold()).isNotNaN();
        assertThat(detector.classThresholds()).hasSize(read.classes()).doesNotContain(Double.NaN);
      }
      return List.of();
    } catch (IllegalArgumentException e) {
      throw named(file, e);
    }
  }
}
