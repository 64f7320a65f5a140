package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import com.typesafe.config.Config;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those who are paged read of a job. */
class MetricsIT {

  private final SparkSession spark = LocalSpark.session();

  private static final String[] SETTINGS = {"flow.couplings=2", "flow.hidden=[8]"};

  @TempDir private Path temp;

  private List<String> job(String script, Object... arguments) {
    return ScriptRun.command(
        script,
        List.of("--master", "local[2]", "--input", temp.resolve("table")),
        List.of("--run", temp.resolve("run")),
        arguments);
  }

  /** The last value that a sink of files was given, at the end of the job. */
  private double last(String name) throws IOException {
    List<String> lines =
        Files.readAllLines(temp.resolve("csv/realnvp.driver.realnvp." + name + ".csv"));
    assertThat(lines.get(0)).isEqualTo("t,value");
    return Double.parseDouble(lines.get(lines.size() - 1).replaceFirst(".*,", ""));
  }

  private static String get(String uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** A number of another JVM of this machine. */
  private static double bean(Process process, String name) throws Exception {
    VirtualMachine jvm = VirtualMachine.attach("" + process.pid());
    try (JMXConnector connector =
        JMXConnectorFactory.connect(new JMXServiceURL(jvm.startLocalManagementAgent()))) {
      ObjectName pattern = new ObjectName("*:name=" + name + ",*");
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      ObjectName bean = beans.queryNames(pattern, null).iterator().next();
      return (Double) beans.getAttribute(bean, "Value");
    } finally {
      jvm.detach();
    }
  }

  private Config settings() {
    List<String> sets = new ArrayList<>(List.of(SETTINGS));
    sets.add("paths.embeddings=" + temp.resolve("table"));
    return Settings.load(null, sets, Map.of("run", temp.resolve("run").toString()));
  }

  /** It is ended when all has been seen. */
  @Test
  void prometheusAndJmxClientsReadThoseOfATraining() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    Process training =
        ScriptRun.process(
                temp,
                Map.of("REALNVP_LOG_FILE", temp.resolve("log").toString()),
                job(
                    "train-flow.sh",
                    ScriptRun.each("--conf", "spark.ui.enabled=true", "spark.ui.port=0"),
                    ScriptRun.each("--set", SETTINGS),
                    List.of("--set", "flow.epochs=2000")))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = training.inputReader()) {
      assertThat(lines.lines().anyMatch(line -> line.contains("epoch 40/2000"))).isTrue();
      Matcher port =
          Pattern.compile("Successfully started service 'SparkUI' on port (\\d+)")
              .matcher(Files.readString(temp.resolve("log")));
      assertThat(port.find()).isTrue();
      String prefix = "metrics_realnvp_driver_realnvp_training_";
      assertThat(get("http://127.0.0.1:" + port.group(1) + "/metrics/prometheus/"))
          .containsPattern(prefix + "epoch_Value\\{.*} \\d{2,4}\\.0")
          .containsPattern(prefix + "loss_Value\\{.*} -?\\d")
          .containsPattern(prefix + "round_seconds_Value\\{.*} \\d")
          .containsPattern(prefix + "rows_per_second_Value\\{.*} \\d");
      assertThat(bean(training, "realnvp.driver.realnvp.training.epoch")).isGreaterThan(39);
    } finally {
      training.destroyForcibly().onExit().join();
    }
  }

  @Test
  void aSinkHasThoseOfAScoringAtItsEnd() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    new TrainFlow().run(spark, settings());
    Files.createDirectory(temp.resolve("csv"));
    String sink = "spark.metrics.conf.driver.sink.csv.";
    ScriptRun.of(
            temp,
            Map.of(),
            job(
                "score.sh",
                "--false-alarm-rate",
                "0.2",
                ScriptRun.each(
                    "--conf",
                    sink + "class=org.apache.spark.metrics.sink.CsvSink",
                    sink + "directory=" + temp.resolve("csv"))))
        .done();
    assertThat(last("written.rows")).isEqualTo(SmallTable.ROWS);
    assertThat(last("written.rows_per_second")).isPositive();
    long anomalies =
        spark.read().parquet(temp.resolve("run/scores").toString()).where("anomaly").count();
    assertThat(anomalies).isPositive();
    assertThat(last("scores.anomalies")).isEqualTo(anomalies);
    assertThat(last("scores.anomalies_per_hour")).isGreaterThan(anomalies);
  }
}
