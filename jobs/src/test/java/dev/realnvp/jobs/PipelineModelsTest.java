package dev.realnvp.jobs;

import static dev.realnvp.jobs.PipelineRun.LAYOUT;
import static dev.realnvp.spark.Vectors.floats;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.images.Pixels;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The models of a whole run, and its tables against them. */
class PipelineModelsTest {

  private final PipelineRun run = SharedRuns.images();

  @Test
  void embeddingsAreTheAutoencodersCodes() throws IOException {
    Autoencoder autoencoder = Autoencoder.of(run.model("autoencoder").network());
    List<Row> rows =
        run.table("images")
            .select("id", "pixels")
            .join(run.table("embeddings").select("id", "embedding"), "id")
            .where(col("id").mod(97).equalTo(3))
            .collectAsList();
    assertThat(rows).hasSizeGreaterThan(5);
    for (Row row : rows) {
      byte[][] pixels = {row.getAs("pixels")};
      float[] code = autoencoder.encode(Pixels.toFloats(pixels, LAYOUT), 1);
      assertThat(floats(row.getList(2))).containsExactly(code, within(1e-4f));
    }
  }

  /** It would decode other images than the flow's embeddings stand for. */
  @Test
  void anotherAutoencoderDrawsNoSamples(@TempDir Path temp) throws IOException {
    Path flow = temp.resolve("flow");
    FileUtils.copyDirectory(Path.of(run.runs().path("run a/flow")).toFile(), flow.toFile());
    Path manifest = flow.resolve("manifest.json");
    Files.deleteIfExists(flow.resolve(".manifest.json.crc"));
    String found = run.model("autoencoder").manifest().id();
    String other = "0123456789abcdef";
    Files.writeString(manifest, Files.readString(manifest).replace(found, other));
    run.runs()
        .refused(
            false,
            new Sample(),
            "run a",
            "paths.flow=" + flow,
            "paths.samples=" + temp.resolve("samples"))
        .contains("got autoencoder " + found + ", expected " + other);
    assertThat(temp.resolve("samples")).doesNotExist();
  }

  @Test
  void scoresAreTheFlowsDensities() throws IOException {
    RealNVP flow = RealNVP.of(run.model("flow").network());
    List<Row> rows =
        run.table("embeddings")
            .select("id", "label", "embedding")
            .join(run.table("scores").select("id", "log_prob", "log_prob_label"), "id")
            .where(col("id").mod(89).equalTo(1))
            .collectAsList();
    assertThat(rows).hasSizeGreaterThan(5);
    Map<Integer, Long> counts =
        run.table("embeddings").where("split = 'train'").select("label").collectAsList().stream()
            .collect(Collectors.groupingBy(row -> row.getInt(0), Collectors.counting()));
    for (Row row : rows) {
      float[] x = floats(row.getList(2));
      double density = 0;
      for (int k = 0; k < 10; k++) {
        density += counts.get(k) / 800.0 * Math.exp(logProb(flow, x, k));
      }
      assertClose(row.getAs("log_prob_label"), logProb(flow, x, row.getInt(1)));
      assertClose(row.getAs("log_prob"), Math.log(density));
    }
  }

  private static double logProb(RealNVP flow, float[] x, int label) {
    INDArray row = Nd4j.createFromArray(new float[][] {x});
    INDArray context = new Context.Classes(new int[] {label}, 10).array(1, i -> i);
    return flow.network().output(RealNVP.trainingBatch(row, context).getFeatures()).getDouble(0);
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
  }

  @Test
  void aSamplesDensityIsTheFlowsAtThatPoint() throws IOException {
    RealNVP flow = RealNVP.of(run.model("flow").network());
    List<Row> rows = run.table("samples").collectAsList();
    assertThat(rows).hasSize(120);
    assertThat(run.table("samples").groupBy("label").count().where("count = 12").count())
        .isEqualTo(10);
    for (Row row : rows.subList(0, 20)) {
      assertClose(row.getDouble(2), logProb(flow, floats(row.getList(3)), row.getInt(1)));
    }
  }

  @Test
  void manifestsNameTheParentsAndTheHistory() throws IOException {
    StoredModel flow = run.model("flow");
    assertThat(flow.manifest().parents())
        .containsEntry("autoencoder", run.model("autoencoder").manifest().id());
    assertThat(flow.manifest().history()).hasSize(2);
    EpochStats last = flow.manifest().history().get(1);
    assertThat(last.epoch()).isEqualTo(2);
    assertThat(last.examples()).isEqualTo(800);
    assertThat(last.trainLoss()).isFinite();
    assertThat(last.validationLoss()).isFinite();
    assertThat(last.averagingSeconds()).isBetween(0.0, last.seconds());
    assertThat(flow.manifest().parameters()).isEqualTo(flow.network().numParams());
  }
}
