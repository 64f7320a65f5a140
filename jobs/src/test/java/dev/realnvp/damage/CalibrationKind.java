package dev.realnvp.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A flow's calibration: as it is stored beside the flow, and alone. */
enum CalibrationKind implements InputKind {
  /** With its sum in the flow's manifest. */
  CALIBRATED_FLOW {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      MultiLayerNetwork network =
          RealNVP.create(
                  RealNVPConfig.builder(2, 0, 1, List.of(2)).seed(1).build(),
                  new Optimizer(1e-3, Schedule.COSINE, 10, 1e-5))
              .network();
      Manifest manifest =
          Manifest.builder("flow")
              .network(network)
              .settings(Map.of("features", 2, "classes", 0), 1)
              .from("0123456789abcdef0123456789abcdef", Map.of())
              .build();
      ModelDirectory.write(
          HADOOP,
          folder.toString(),
          SaveMode.Overwrite,
          new StoredModel(network, manifest, Optional.of(calibration())));
      Cases.deleteHadoopSums(folder);
    }

    @Override
    public Object read(SparkSession spark, Path folder) throws IOException {
      StoredModel model = ModelDirectory.read(HADOOP, folder.toString(), "flow");
      // Whoever deletes the sum from the manifest has a flow without a calibration.
      return model.calibration().map(Calibration::toJson).orElseGet(() -> calibration().toJson());
    }

    @Override
    public boolean notices(Damage damage) {
      return true;
    }
  },
  /** Without a sum: what is read need not be what was written, but is a calibration. */
  CALIBRATION {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      Files.writeString(folder.resolve(FILE), calibration().toJson());
    }

    @Override
    public Object read(SparkSession spark, Path folder) throws IOException {
      Path file = folder.resolve(FILE);
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
        // As ModelDirectory does, which names the file.
        throw new InvalidInputException(file + " is " + e.getMessage(), e);
      }
    }

    @Override
    public boolean notices(Damage damage) {
      return false;
    }
  };

  private static final Configuration HADOOP = new Configuration();

  private static final String FILE = "calibration.json";

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
}
