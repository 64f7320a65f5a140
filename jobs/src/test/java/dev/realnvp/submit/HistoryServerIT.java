package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.spark.LocalSpark;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark's history server over a run's event logs, as docs/operations.md starts it. */
@Tag("nightly")
class HistoryServerIT {

  private final SparkSession spark = LocalSpark.session();

  @TempDir Path temp;

  @Test
  void showsTheJobsOfARun() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    ScriptRun.job(
            temp,
            "train-flow.sh",
            List.of("--master", "local[2]", "--input", "table", "--run", "run"),
            SmallTable.SMALL_FLOW)
        .done();
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Map<String, String> environment =
        Map.of(
            "SPARK_LOCAL_IP",
            "127.0.0.1",
            "SPARK_HISTORY_OPTS",
            "-Dspark.history.ui.port=%d -Dspark.history.fs.logDirectory=file://%s"
                .formatted(port, temp.resolve("run/spark-events")));
    // It answers before it has read any log.
    String read = "Finished parsing .*eventlog_v2";
    try (Daemon server =
        new Daemon(environment, read, "org.apache.spark.deploy.history.HistoryServer")) {
      server.await();
      URI applications = URI.create("http://127.0.0.1:" + port + "/api/v1/applications");
      JsonNode jobs;
      try (InputStream answer = applications.toURL().openStream()) {
        jobs = new ObjectMapper().readTree(answer);
      }
      assertThat(jobs).hasSize(1);
      assertThat(jobs.at("/0/name").asText()).isEqualTo("realnvp-spark TrainFlow");
      assertThat(jobs.at("/0/attempts/0/completed").asBoolean()).isTrue();
    }
  }
}
