package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.realnvp.exchange.FlowOnnx;
import dev.realnvp.exchange.NpyArray;
import dev.realnvp.exchange.Npz;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A flow goes out as a file and comes back. */
@ExtendWith(LocalSpark.class)
class ExportImportTest {

  private final SparkSession spark;

  @TempDir private Path folder;

  ExportImportTest(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeEach
  void writeModel() throws IOException {
    RealNVP flow =
        RealNVP.create(
            RealNVPConfig.builder(4, 2, 2, List.of(6)).seed(1).build(),
            new Optimizer(1e-3, Schedule.COSINE, 10, 1e-5));
    Manifest manifest =
        Manifest.builder("flow")
            .network(flow.network())
            .settings(Map.of("class_counts", List.of(3, 4)), 42)
            .from("data", Map.of("embeddings", "ab"))
            .build();
    ModelDirectory.write(
        new Configuration(),
        folder.resolve("flow").toString(),
        SaveMode.ErrorIfExists,
        new StoredModel(flow.network(), manifest, Optional.empty()));
  }

  private Config settings(String... sets) {
    return Settings.load(null, List.of(sets), Map.of("run", folder.toString()));
  }

  private Config toAnother(String... sets) {
    String[] all = Arrays.copyOf(sets, sets.length + 1);
    all[sets.length] = "paths.flow=" + folder.resolve("another");
    return settings(all);
  }

  private StoredModel model(String name) throws IOException {
    return ModelDirectory.read(new Configuration(), folder.resolve(name).toString(), "flow");
  }

  @Test
  void theFlowThatComesBackIsTheSame() throws IOException {
    Export.Result exported = new Export().run(spark, settings());
    assertThat(exported.output()).isEqualTo(folder.resolve("flow.npz").toString());
    assertThat(arrays(folder.resolve("flow.npz"))).containsKey("config");

    new Import().run(spark, toAnother());
    StoredModel before = model("flow");
    StoredModel after = model("another");
    assertThat(after.network().params().toFloatVector())
        .isEqualTo(before.network().params().toFloatVector());
    assertThat(after.manifest().edit().sums(null, null, null).build())
        .isEqualTo(before.manifest().edit().sums(null, null, null).build());
    assertThat(RealNVP.of(after.network()).layers())
        .hasSameSizeAs(RealNVP.of(before.network()).layers());
  }

  @Test
  void whatExistsIsNotReplacedUnasked() throws IOException {
    new Export().run(spark, settings());
    assertThatThrownBy(() -> new Export().run(spark, settings()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("flow.npz exists already");
    assertThatThrownBy(() -> new Import().run(spark, settings()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("flow exists already");
    new Import().run(spark, settings("overwrite=true"));
    assertThat(model("flow").manifest().parents()).containsEntry("embeddings", "ab");
  }

  @Test
  void aFileThatIsNoFlowIsNamedAndNothingIsWritten() throws IOException {
    Path file = folder.resolve("flow.npz");
    refusesToImport("there is no " + file);
    Files.writeString(file, "no zip file");
    refusesToImport("cannot import " + file + ": no .npz file");
    try (OutputStream out = Files.newOutputStream(file)) {
      Npz.write(Map.of("0_W0", NpyArray.of(new float[1], 1)), out);
    }
    refusesToImport("cannot import " + file + ": config: there is no array config");
    assertThat(folder.resolve("another")).doesNotExist();
  }

  private void refusesToImport(String message) {
    assertThatThrownBy(() -> new Import().run(spark, toAnother()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aGraphIsWrittenInPlaceOfArrays() throws IOException {
    Export.Result exported = new Export().run(spark, settings("export.format=onnx"));
    assertThat(exported.output()).isEqualTo(folder.resolve("flow.onnx").toString());
    StoredModel model = model("flow");
    assertThat(folder.resolve("flow.onnx"))
        .hasBinaryContent(
            FlowOnnx.of(RealNVP.of(model.network()), model.manifest(), new double[] {3, 4}));
    assertThat(folder.resolve("flow.npz")).doesNotExist();
  }

  @Test
  void onlyKnownFormatsAreWritten() {
    assertThatThrownBy(() -> new Export().run(spark, settings("export.format=pt")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("setting export.format: expected one of [npz, onnx]; got \"pt\"");
    assertThat(folder.resolve("flow.pt")).doesNotExist();
  }

  private static Map<String, NpyArray> arrays(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return Npz.read(new ByteArrayInputStream(bytes), bytes.length);
  }
}
