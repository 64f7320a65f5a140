package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.RMApp;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings on a YARN of one node. */
@Tag("nightly")
class YarnIT {

  private final SparkSession spark = LocalSpark.session();

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"client", "cluster"})
  void twoExecutorsOfYarnTrainAFlow(String deployMode) throws IOException {
    SmallTable.write(spark, temp.resolve("table"));
    YarnConfiguration hadoop = new YarnConfiguration();
    hadoop.set("yarn.scheduler.capacity.root.queues", "default");
    hadoop.set("yarn.scheduler.capacity.root.default.capacity", "100");
    hadoop.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1");
    hadoop.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 10240);
    // A disk that is nearly full is no reason to fail here.
    hadoop.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "100");
    // Where MiniYARNCluster keeps its files.
    System.setProperty("test.build.data", temp.resolve("yarn").toString());
    try (MiniYARNCluster yarn = new MiniYARNCluster("yarn", 1, 1, 1)) {
      yarn.init(hadoop);
      yarn.start();
      try (OutputStream out = Files.newOutputStream(temp.resolve("yarn-site.xml"))) {
        yarn.getConfig().writeXml(out);
      }
      ScriptRun run = trainFlow(deployMode).done();
      assertThat(lines(run)).anyMatch(line -> line.contains(" 2 workers"));
      assertThat(temp.resolve("flow/model.zip")).exists();
      if (deployMode.equals("cluster")) {
        ScriptRun wrong = trainFlow("cluster", "--overwrite", "--set", "flow.epochs=-1");
        assertThat(wrong.code()).as(wrong.err()).isEqualTo(2);
        assertThat(wrong.err())
            .containsPattern(
                "error: the driver ended with exit code 2: yarn logs -applicationId application_\\w+ says");
      }
      assertThat(yarn.getResourceManager().getRMContext().getRMApps().values())
          .extracting(RMApp::getFinalApplicationStatus)
          .filteredOn(FinalApplicationStatus.SUCCEEDED::equals)
          .hasSize(1);
    }
  }

  /** What the job printed, here or in its container. */
  private List<String> lines(ScriptRun run) throws IOException {
    List<String> lines = new ArrayList<>(run.out());
    try (Stream<Path> files = Files.walk(temp.resolve("yarn"))) {
      for (Path file : files.filter(file -> file.endsWith("stdout")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  private ScriptRun trainFlow(String deployMode, String... more) {
    // Spark's jars are on every node of this cluster, so they need not be uploaded.
    Path jars = Checkout.original().resolve(Checkout.SPARK).resolve("jars");
    List<String> command =
        ScriptRun.command(
            "train-flow.sh",
            List.of("--master", "yarn", "--deploy-mode", deployMode),
            List.of("--num-executors", "2", "--driver-memory", "1g", "--executor-memory", "768m"),
            List.of("--conf", "spark.yarn.jars=local:" + jars + "/*"),
            deployMode.equals("client")
                ? List.of("--conf", "spark.driver.host=127.0.0.1")
                : List.of(),
            List.of("--input", temp.resolve("table"), "--output", temp.resolve("flow")),
            SmallTable.SMALL_FLOW,
            more);
    return ScriptRun.of(temp, Map.of("HADOOP_CONF_DIR", temp.toString()), command);
  }
}
