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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A standalone cluster that asks for a secret and encrypts, as docs/operations.md sets it up. */
@Tag("nightly")
@ExtendWith(LocalSpark.class)
class SecureClusterIT {

  private static final String MASTER = "org.apache.spark.deploy.master.Master";
  private static final String WORKER = "org.apache.spark.deploy.worker.Worker";
  private static final String SECRET = "5ecret-0f-the-cluster";

  @TempDir Path temp;
  private Map<String, String> secure;

  @BeforeEach
  void configure() throws IOException {
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
    secure = Daemon.configuration(folder);
  }

  private Daemon worker(Map<String, String> environment, String awaited, String master)
      throws IOException {
    String work = Files.createTempDirectory(temp, "work").toString();
    return new Daemon(
        environment,
        awaited,
        WORKER,
        "--host",
        "127.0.0.1",
        "--webui-port",
        "0",
        "--cores",
        "1",
        "--memory",
        "2g",
        "--work-dir",
        work,
        master);
  }

  @Test
  void trainsWithTheSecretAndRefusesWorkersWithoutIt(SparkSession spark) throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    String[] arguments = {MASTER, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"};
    try (Daemon master = new Daemon(secure, "Starting Spark master at (\\S+)", arguments)) {
      String url = master.await().group(1);
      String registered = "Successfully registered with master";
      try (Daemon first = worker(secure, registered, url);
          Daemon second = worker(secure, registered, url);
          Daemon stranger = worker(Map.of(), registered + "|Failed to connect to master", url)) {
        first.await();
        second.await();
        assertThat(stranger.await().group()).isEqualTo("Failed to connect to master");

        ScriptRun run = trainFlow(url);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).anyMatch(line -> line.contains(" 2 workers"));
        assertThat(temp.resolve("flow/model.zip")).exists();
        assertThat(run.out() + run.err()).doesNotContain(SECRET);
      }
    }
    assertThat(executorLogs())
        .hasSize(2)
        .allSatisfy(
            log -> assertThat(log).contains("authentication enabled").doesNotContain(SECRET));
  }

  private ScriptRun trainFlow(String master) {
    List<String> command = new ArrayList<>();
    command.add(Checkout.original().resolve("submit/train-flow.sh").toString());
    command.addAll(List.of("--master", master, "--conf", "spark.driver.host=127.0.0.1"));
    command.addAll(List.of("--input", temp.resolve("table").toString()));
    command.addAll(List.of("--output", temp.resolve("flow").toString()));
    command.addAll(List.of(SmallTable.SMALL_FLOW));
    return ScriptRun.of(temp, secure, command);
  }

  private List<String> executorLogs() throws IOException {
    List<String> logs = new ArrayList<>();
    try (Stream<Path> files = Files.walk(temp)) {
      for (Path file : files.filter(file -> file.endsWith("stderr")).toList()) {
        logs.add(Files.readString(file));
      }
    }
    return logs;
  }
}
