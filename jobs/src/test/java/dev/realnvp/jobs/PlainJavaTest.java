package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.RealNVPFlow;
import dev.realnvp.flow.ClassMixture;
import dev.realnvp.spark.storage.Location;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a plain Java program gets of a flow that a job trained is what the jobs write. */
@ExtendWith(SharedRuns.class)
class PlainJavaTest {

  private static final float[][] ROWS = {{1, 2, 3}, {-10, 0, 5}, {0, 0, 0}};

  @TempDir Path temp;

  @Test
  void scoresOfATableAreThoseOfTheJob(PetsRun run) throws IOException {
    run.runs().score("", "paths.scores=" + run.runs().path("plain java"));
    List<Row> rows = PetsRun.rows(run.table("plain java"));
    List<Row> embeddings = PetsRun.rows(run.table("embeddings"));

    RealNVPFlow flow = RealNVPFlow.load(run.folder().resolve("flow"));
    ClassMixture.Scores ours =
        flow.score(embeddings.stream().map(PetsRun::values).toArray(float[][]::new));
    double[] anomalyScores = flow.anomalyScores(ours);

    assertThat(rows).hasSize(600);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      assertThat(ours.marginal()[i]).isEqualTo(row.<Double>getAs("log_prob"));
      assertThat(flow.classNames().get(ours.mostLikelyClass(i)))
          .isEqualTo(row.getAs("predicted_label_name"));
      assertThat(ours.posterior()[i][ours.mostLikelyClass(i)])
          .isEqualTo(row.<Double>getAs("predicted_probability"));
      assertThat(ours.conditional()[i][row.<Integer>getAs("label")])
          .isEqualTo(row.<Double>getAs("log_prob_label"));
      assertThat(anomalyScores[i]).isEqualTo(row.<Double>getAs("anomaly_score"));
      assertThat(flow.detector(0.01).isAnomaly(anomalyScores[i]))
          .isEqualTo(row.<Boolean>getAs("anomaly"));
    }
  }

  /** Of images' embeddings, whose scores include what the images lost. */
  @Test
  void theCalibrationTakesReconstructionErrors(PipelineRun run) throws IOException {
    RealNVPFlow flow = RealNVPFlow.load(run.folder().resolve("run a/flow"));
    List<Row> rows = run.table("scores").limit(50).collectAsList();
    assertThat(rows).hasSize(50);
    for (Row row : rows) {
      String error = flow.calibration().orElseThrow().errorColumn().orElseThrow();
      assertThat(
              flow.calibration()
                  .orElseThrow()
                  .detector(0.01)
                  .score(row.<Double>getAs("log_prob"), row.<Double>getAs(error)))
          .isEqualTo(row.<Double>getAs("anomaly_score"));
    }
  }

  /** The jobs' jar and Hadoop's are enough for other file systems. */
  @Test
  void aFlowOnAHadoopFileSystemNeedsNoSpark(PetsRun run) throws Exception {
    Path flow = run.folder().resolve("flow");
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*/(spark-|scala-)[^/]*[.]jar"))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                Program.class.getName(),
                flow.toUri().toString(),
                temp.resolve("densities").toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("log").toFile())
            .start();
    process.getOutputStream().close();
    assertThat(process.waitFor()).as(temp.resolve("log").toString()).isZero();
    assertThat(temp.resolve("densities"))
        .hasContent(Arrays.toString(RealNVPFlow.load(flow).logProb(ROWS)));
  }

  /** A program without Spark on its class path. */
  static final class Program {

    private Program() {}

    public static void main(String[] args) throws IOException {
      if (Program.class.getResource("/org/apache/spark/SparkContext.class") != null
          || Program.class.getResource("/scala/Option.class") != null) {
        throw new IllegalStateException("expected a class path without Spark");
      }
      RealNVPFlow flow = RealNVPFlow.load(Location.of(new Configuration(), args[0]));
      Files.writeString(Path.of(args[1]), Arrays.toString(flow.logProb(ROWS)));
    }
  }
}
