package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Spark's history server over a run's event logs, as docs/operations.md starts it. */
@Tag("nightly")
@ExtendWith(LocalSpark.class)
class HistoryServerIT {

  @TempDir Path temp;

  private ScriptRun trainFlow() {
    List<String> command = new ArrayList<>();
    command.add(Checkout.original().resolve("submit/train-flow.sh").toString());
    command.addAll(List.of("--master", "local[2]", "--input", "table", "--run", "run"));
    command.addAll(List.of(SmallTable.SMALL_FLOW));
    return ScriptRun.of(temp, Map.of(), command);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void showsTheJobsOfARun(SparkSession spark) throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    assertThat(trainFlow().code()).isZero();

    int port = freePort();
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
      assertThat(jobs.get(0).get("name").asText()).isEqualTo("realnvp-spark TrainFlow");
      assertThat(jobs.get(0).get("attempts").get(0).get("completed").asBoolean()).isTrue();
    }
  }
}
