package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.spark.MiniHdfs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every job that writes, started twice, the second so many seconds after the first, on a local disk
 * and on HDFS; on an object store if {@code -Drealnvp.s3a=s3a://BUCKET/FOLDER} names an empty
 * folder of one, and {@code -Drealnvp.s3a.endpoint=URL} where it listens (CONTRIBUTING.md starts
 * one).
 */
@Tag("nightly")
@ExtendWith(MiniHdfs.class)
class StartedTwiceIT {

  private static final List<String> JOBS =
      List.of("score", "extract-embeddings", "train-flow", "pipeline");
  private static final List<Integer> DELAYS = List.of(0, 3, 9, 30);

  private static final Path HOME = Checkout.original();
  private static final String ENDPOINT = System.getProperty("realnvp.s3a.endpoint", "");

  @TempDir private Path temp;

  @Test
  void onALocalDisk() {
    everyJob(temp.toString());
  }

  @Test
  void onHdfs(MiniDFSCluster hdfs) throws Exception {
    everyJob(hdfs.getFileSystem().getUri() + "/started-twice");
  }

  @Test
  void onAnObjectStore() {
    String place = System.getProperty("realnvp.s3a");
    assumeTrue(place != null, "no object store is given");
    everyJob(place);
  }

  private void everyJob(String place) {
    String base = place + "/base";
    run("pipeline", "--run", base).done();
    String all = rows(List.of(base + "/scores")).get(0);
    for (String job : JOBS) {
      for (int delay : DELAYS) {
        String output = place + "/" + job + "-" + delay;
        startTwice(job, delay, base, output);
        List<String> tables =
            switch (job) {
              case "score", "extract-embeddings" -> List.of(output);
              case "pipeline" -> List.of(output + "/embeddings", output + "/scores");
              default -> List.of();
            };
        List<String> rows = tables.isEmpty() ? List.of() : rows(tables);
        assertThat(rows).as("%s after %d s", job, delay).hasSameSizeAs(tables);
        assertThat(rows).as("%s after %d s", job, delay).allMatch(all::equals);
      }
    }
  }

  /** One of them does the work. The other is told, or finds that all is done. */
  private void startTwice(String job, int delay, String base, String output) {
    String[] options =
        switch (job) {
          case "pipeline" -> new String[] {"--run", output};
          case "train-flow" ->
              new String[] {
                "--run", base, "--output", output, "--set", "paths.checkpoints=" + output + "-saved"
              };
          default -> new String[] {"--run", base, "--output", output};
        };
    CompletableFuture<ScriptRun> first = CompletableFuture.supplyAsync(() -> run(job, options));
    CompletableFuture<ScriptRun> second =
        CompletableFuture.supplyAsync(
            () -> run(job, options), CompletableFuture.delayedExecutor(delay, TimeUnit.SECONDS));
    List<ScriptRun> both = List.of(first.join(), second.join());
    // Both, with all that they printed.
    String story = "%s after %d s: %s".formatted(job, delay, both);
    assertThat(both).as(story).anyMatch(one -> one.code() == 0);
    for (ScriptRun one : both) {
      if (one.code() == 0) {
        continue;
      }
      assertThat(one.err().lines().filter(line -> line.startsWith("error: ")))
          .as("%s; %s", one == both.get(0) ? "the first" : "the second", story)
          .singleElement()
          .asString()
          .matches(".* (is being written by .+ \\(process \\d+ on host .+\\)|exists already).*");
    }
    if (both.stream().allMatch(one -> one.code() == 0)) {
      assertThat(both)
          .as("the second found all done")
          .anyMatch(one -> one.out().stream().anyMatch(line -> line.contains("score: skipped")));
    }
  }

  private ScriptRun run(String job, String... more) {
    List<String> command =
        ScriptRun.command(
            job + ".sh",
            List.of("--master", "local[1]"),
            ENDPOINT.isEmpty()
                ? List.of()
                : ScriptRun.each(
                    "--conf",
                    "spark.hadoop.fs.s3a.endpoint=" + ENDPOINT,
                    "spark.hadoop.fs.s3a.path.style.access=true",
                    "spark.hadoop.fs.s3a.directory.marker.retention=keep"),
            ScriptRun.each(
                "--set",
                "ingest.data=" + HOME.resolve("jobs/src/test/resources/fashion-mnist-1000"),
                "autoencoder.epochs=1",
                "classifier.epochs=1",
                "flow.epochs=2",
                "flow.averaging-interval=1",
                "sample.per-class=10",
                "checkpoint.every-rounds=2"),
            more);
    return ScriptRun.of(
        temp, Map.of("REALNVP_LOG_FILE", temp.resolve("job.log").toString()), command);
  }

  /** By the files' own word. */
  private List<String> rows(List<String> tables) {
    return ScriptRun.of(
            temp,
            Map.of(),
            ScriptRun.words(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                ENDPOINT.isEmpty()
                    ? List.of()
                    : List.of("-Dfs.s3a.endpoint=" + ENDPOINT, "-Dfs.s3a.path.style.access=true"),
                List.of("-cp", HOME.resolve(Checkout.SPARK).resolve("jars") + "/*"),
                HOME.resolve("submit/chaos/CountRows.java"),
                tables))
        .done()
        .out();
  }
}
