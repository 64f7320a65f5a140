package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A standalone cluster that runs the driver too. */
@Tag("nightly")
@ExtendWith(LocalSpark.class)
class StandaloneIT {

  @TempDir private Path temp;

  private static Daemon daemon(String awaited, String name, String... arguments)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("org.apache.spark.deploy." + name));
    words.addAll(List.of("--host", "127.0.0.1", "--webui-port", "0"));
    words.addAll(List.of(arguments));
    return new Daemon(Map.of(), awaited, words.toArray(String[]::new));
  }

  private ScriptRun trainFlow(String master, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Checkout.original().resolve("submit/train-flow.sh").toString());
    command.addAll(List.of("--master", master, "--deploy-mode", "cluster"));
    command.addAll(List.of("--executor-cores", "1", "--executor-memory", "768m"));
    command.addAll(List.of("--input", temp.resolve("table").toString()));
    command.addAll(List.of("--output", temp.resolve("flow").toString()));
    command.addAll(List.of(SmallTable.SMALL_FLOW));
    command.addAll(List.of(more));
    return ScriptRun.of(temp, Map.of(), command);
  }

  /** What drivers printed. */
  private String printed(String file) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(temp.resolve("work"))) {
      for (Path it : files.filter(it -> it.endsWith(file)).toList()) {
        all.append(Files.readString(it));
      }
    }
    return all.toString();
  }

  @Test
  void theScriptWaitsForADriverOnTheCluster(SparkSession spark) throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    try (Daemon master =
        daemon("Starting Spark master at (\\S+)", "master.Master", "--port", "0")) {
      String url = master.await().group(1);
      String[] worker = {
        "--cores", "3", "--memory", "5g", "--work-dir", temp.resolve("work").toString(), url
      };
      try (Daemon only = daemon("Successfully registered with master", "worker.Worker", worker)) {
        only.await();
        ScriptRun run = trainFlow(url);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(printed("stdout")).as(run.out() + run.err()).contains(" 2 workers");
        assertThat(temp.resolve("flow/model.zip")).exists();

        ScriptRun wrong = trainFlow(url, "--set", "flow.epochs=-1");
        assertThat(wrong.code()).as(wrong.err()).isEqualTo(1);
        assertThat(wrong.err()).contains("error: the driver ended as FAILED");
        assertThat(printed("stderr")).contains("error: setting flow.epochs");
      }
    }
  }
}
