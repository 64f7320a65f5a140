package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Standalone clusters: one that runs the driver too, and one that asks for a secret. */
@Tag("nightly")
class StandaloneIT {

  private final SparkSession spark = LocalSpark.session();

  private static final String SECRET = "5ecret-0f-the-cluster";
  private static final String STARTED = "Starting Spark master at (\\S+)";
  private static final String REGISTERED = "Successfully registered with master";

  @TempDir private Path temp;

  @BeforeEach
  void write() {
    SmallTable.write(spark, temp.resolve("table"));
  }

  private static Daemon daemon(
      Map<String, String> environment, String awaited, String name, String... arguments)
      throws IOException {
    return new Daemon(
        environment,
        awaited,
        ScriptRun.words(
                "org.apache.spark.deploy." + name,
                List.of("--host", "127.0.0.1", "--webui-port", "0"),
                arguments)
            .toArray(String[]::new));
  }

  private Daemon worker(
      Map<String, String> environment, String awaited, String cores, String memory, String master)
      throws IOException {
    String work = Files.createTempDirectory(temp, "work").toString();
    return daemon(
        environment,
        awaited,
        "worker.Worker",
        "--cores",
        cores,
        "--memory",
        memory,
        "--work-dir",
        work,
        master);
  }

  private ScriptRun trainFlow(
      Map<String, String> environment, String master, List<String> options) {
    return ScriptRun.of(
        temp,
        environment,
        ScriptRun.command(
            "train-flow.sh",
            List.of("--master", master),
            List.of("--input", temp.resolve("table"), "--output", temp.resolve("flow")),
            SmallTable.SMALL_FLOW,
            options));
  }

  /** What drivers or executors printed, each of them. */
  private List<String> printed(String file) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(temp)) {
      for (Path it : files.filter(it -> it.endsWith(file)).toList()) {
        all.add(Files.readString(it));
      }
    }
    return all;
  }

  @Test
  void theScriptWaitsForADriverOnTheCluster() throws Exception {
    try (Daemon master = daemon(Map.of(), STARTED, "master.Master", "--port", "0")) {
      String url = master.await().group(1);
      try (Daemon only = worker(Map.of(), REGISTERED, "3", "5g", url)) {
        only.await();
        List<String> options =
            List.of(
                "--deploy-mode", "cluster", "--executor-cores", "1", "--executor-memory", "768m");
        ScriptRun run = trainFlow(Map.of(), url, options).done();
        assertThat(printed("stdout").toString()).as(run.out() + run.err()).contains(" 2 workers");
        assertThat(temp.resolve("flow/model.zip")).exists();

        ScriptRun wrong =
            trainFlow(Map.of(), url, ScriptRun.words(options, "--set", "flow.epochs=-1"));
        assertThat(wrong.code()).as(wrong.err()).isEqualTo(1);
        assertThat(wrong.err()).contains("error: the driver ended as FAILED");
        assertThat(printed("stderr").toString()).contains("error: setting flow.epochs");
      }
    }
  }

  /** Set up as docs/operations.md says: it encrypts, and refuses workers without the secret. */
  @Test
  void aClusterWithASecretTrains() throws Exception {
    Map<String, String> secure = Daemon.configuration(secure());
    try (Daemon master = daemon(secure, STARTED, "master.Master", "--port", "0")) {
      String url = master.await().group(1);
      try (Daemon first = worker(secure, REGISTERED, "1", "2g", url);
          Daemon second = worker(secure, REGISTERED, "1", "2g", url);
          Daemon stranger =
              worker(Map.of(), REGISTERED + "|Failed to connect to master", "1", "2g", url)) {
        first.await();
        second.await();
        assertThat(stranger.await().group()).isEqualTo("Failed to connect to master");

        ScriptRun run =
            trainFlow(secure, url, List.of("--conf", "spark.driver.host=127.0.0.1")).done();
        assertThat(run.out()).anyMatch(line -> line.contains(" 2 workers"));
        assertThat(temp.resolve("flow/model.zip")).exists();
        assertThat(run.out() + run.err()).doesNotContain(SECRET);
      }
    }
    assertThat(printed("stderr"))
        .hasSize(2)
        .allSatisfy(
            log -> assertThat(log).contains("authentication enabled").doesNotContain(SECRET));
  }

  private Path secure() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("conf"));
    try (Stream<Path> files = Files.list(Checkout.original().resolve("conf"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(
        folder.resolve("spark-defaults.conf"),
        """
        spark.authenticate                 true
        spark.authenticate.secret          %s
        spark.network.crypto.enabled       true
        spark.network.crypto.saslFallback  false
        spark.io.encryption.enabled        true
        """
            .formatted(SECRET),
        StandardOpenOption.APPEND);
    return folder;
  }
}
