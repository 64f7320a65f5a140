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
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.FlowFile;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Models: as they are stored, as an older version stored them, by the parts of model.zip, and as a
 * file for other tools.
 */
enum ModelKind implements InputKind {
  /** With the sum of model.zip in the manifest. */
  MODEL {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      ModelDirectory.write(
          HADOOP,
          folder.toString(),
          SaveMode.Overwrite,
          new StoredModel(NETWORK, MANIFEST, Optional.empty()));
      Cases.deleteHadoopSums(folder);
    }
  },
  /** Without a sum, so that a damaged model.zip is opened. */
  OLD_MODEL {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      MODEL.make(spark, folder);
      Files.writeString(folder.resolve("manifest.json"), MANIFEST.toJson());
    }
  },
  /** Entries that are damaged inside of a zip that is right. */
  MODEL_ENTRIES {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ModelStore.write(NETWORK, out);
      try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
          Files.write(folder.resolve(entry.getName()), in.readAllBytes());
        }
      }
    }

    @Override
    public Object read(SparkSession spark, Path folder) throws IOException {
      try {
        MultiLayerNetwork network = ModelStore.read(new ByteArrayInputStream(zip(folder)));
        assertThat(network.numParams()).isEqualTo(network.params().length());
        return List.of();
      } catch (IllegalArgumentException e) {
        // As ModelDirectory does, which names the file.
        throw new InvalidInputException(folder + " is " + e.getMessage(), e);
      }
    }

    private static byte[] zip(Path folder) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
        for (String name : List.of("configuration.json", "coefficients.bin", "updaterState.bin")) {
          if (Files.isRegularFile(folder.resolve(name))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(Files.readAllBytes(folder.resolve(name)));
          }
        }
      }
      return bytes.toByteArray();
    }
  },
  /** A file for other tools. */
  EXPORTED {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      try (OutputStream out = Files.newOutputStream(folder.resolve("flow.npz"))) {
        Npz.write(FlowArrays.of(RealNVP.of(NETWORK), MANIFEST), out);
      }
    }

    @Override
    public Object read(SparkSession spark, Path folder) {
      String file = folder.resolve("flow.npz").toString();
      return FlowFile.read(HADOOP, file, "flow").flow().network().params();
    }
  },
  /** The manifest of a table. */
  TABLE_MANIFEST {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      Manifests.writeTable(HADOOP, folder.toString(), MANIFEST);
      Cases.deleteHadoopSums(folder);
    }

    @Override
    public Object read(SparkSession spark, Path folder) throws IOException {
      Optional<Manifest> manifest = Manifests.ofTable(spark, folder.toString());
      manifest.ifPresent(read -> assertThat(Manifest.fromJson(read.toJson())).isEqualTo(read));
      return List.of();
    }
  };

  private static final Configuration HADOOP = new Configuration();

  private static final MultiLayerNetwork NETWORK =
      RealNVP.create(
              RealNVPConfig.builder(3, 2, 2, List.of(5)).seed(1).build(),
              new Optimizer(1e-3, Schedule.COSINE, 10, 1e-5))
          .network();

  private static final Manifest MANIFEST =
      Manifest.builder("flow")
          .network(NETWORK)
          .settings(Map.of("features", 3, "classes", 2, "class_counts", List.of(7, 9)), 1)
          .from("0123456789abcdef0123456789abcdef", Map.of("autoencoder", "fedcba9876543210"))
          .history(List.of(new EpochStats(1, 2, 0.5, 0.25, 3, 41.5, Double.NaN)))
          .build();

  /** The parameters; a manifest's other fields have nothing to be compared with. */
  @Override
  public Object read(SparkSession spark, Path folder) throws IOException {
    StoredModel model = ModelDirectory.read(HADOOP, folder.toString(), "flow");
    RealNVP.of(model.network());
    return model.network().params();
  }

  @Override
  public boolean notices(Damage damage) {
    return true;
  }
}
