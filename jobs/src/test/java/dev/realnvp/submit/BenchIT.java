package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark through its script, on a few rows and a small flow. */
class BenchIT {

  private static final Path HOME = Checkout.original();

  @TempDir Path temp;

  private ScriptRun run(String... options) {
    List<String> command =
        Stream.concat(Stream.of(HOME.resolve("submit/bench.sh").toString()), Stream.of(options))
            .toList();
    return ScriptRun.of(temp, Map.of(), command);
  }

  private ScriptRun quick(String only, String peer) {
    return run(
        "--quick",
        "--only",
        only,
        "--peer",
        peer,
        "--run",
        "r",
        "--json",
        "figures.json",
        "--data",
        HOME.resolve("jobs/src/test/resources/fashion-mnist-1000").toString(),
        "--set",
        "flow.hidden=[8]",
        "--set",
        "flow.couplings=2");
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(temp.resolve("figures.json").toFile());
  }

  @Test
  @Tag("nightly")
  void helpListsTheOptions() {
    ScriptRun run = run("--help");
    assertThat(run.code()).isZero();
    assertThat(String.join("\n", run.out()))
        .contains(
            "--data", "--only", "--quick", "--peer", "--json", "--memory", "--detection", "--set");
  }

  @Test
  void anUnknownMeasureIsWrongUsage() {
    ScriptRun run = run("--only", "flow-epochs");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("error: --only: got flow-epochs, expected some of flow-epoch, ");
  }

  @Test
  @Tag("nightly")
  void oursIsComparedWithTheBetterOfThePeersTwoRuns() throws IOException {
    // 8 seconds in its first run, 2 in its second.
    String peer =
        "if [ -e again ]; then s=2; else s=8; touch again; fi; echo \"{\\\"flow_epoch_s\\\": $s}\"";
    ScriptRun run = quick("flow-workers,flow-epoch", peer);
    assertThat(run.code()).as(run.err()).isZero();

    JsonNode report = json();
    assertThat(report.at("/peer_runs/0/flow_epoch_s").asDouble()).isEqualTo(8);
    assertThat(report.at("/peer_runs/1/flow_epoch_s").asDouble()).isEqualTo(2);
    assertThat(report.at("/machine/cores").asInt())
        .isEqualTo(Runtime.getRuntime().availableProcessors());
    JsonNode epoch = report.at("/figures/0");
    assertThat(epoch.get("name").asText()).isEqualTo("flow-epoch");
    assertThat(epoch.get("ours").asDouble()).isPositive();
    assertThat(epoch.get("peer").asDouble()).isEqualTo(2);
    assertThat(epoch.get("ratio").asDouble() * 2).isEqualTo(epoch.get("ours").asDouble());
    JsonNode workers = report.at("/figures/1");
    assertThat(workers.get("name").asText()).isEqualTo("flow-workers");
    assertThat(workers.get("ours")).isEqualTo(epoch.get("ours"));
    assertThat(workers.get("ratio").asDouble() * workers.get("ours").asDouble())
        .isCloseTo(workers.get("peer").asDouble(), org.assertj.core.api.Assertions.within(1e-9));

    assertThat(run.out()).anyMatch(line -> line.matches("\\s*flow-epoch, s +[\\d.]+ +2\\.00 .*"));
    // Its own folder for tables and models is gone.
    assertThat(temp.resolve("r")).isEmptyDirectory();
  }

  @Test
  @Tag("nightly")
  void withoutAPeerThereIsNoRatio() throws IOException {
    ScriptRun run = quick("flow-epoch", "none");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(json().at("/figures/0/ratio").isNull()).isTrue();
    assertThat(Files.exists(temp.resolve("data"))).isFalse();
  }

  @Test
  void aFolderWithoutTablesIsRefused() {
    ScriptRun run = run("--detection", "--tables", "nowhere");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).startsWith("error: --tables: got nowhere, expected");
  }

  @Test
  @Tag("nightly")
  void detectionIsMeasuredWithoutImages() throws IOException {
    ScriptRun run =
        run(
            "--quick",
            "--only",
            "detection-global-one-class,detection-million",
            "--seeds",
            "1",
            "--run",
            "r",
            "--json",
            "figures.json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(json().at("/figures/0/ours").asDouble()).isGreaterThan(90);
    assertThat(json().at("/figures/1/parts").size()).isEqualTo(9);
    assertThat(json().at("/detection/0/detector").asText()).isEqualTo("RealNVP");
    assertThat(json().at("/detection/0/tables/global/auroc"))
        .isEqualTo(json().at("/figures/0/ours"));
    assertThat(run.out()).anyMatch(line -> line.matches("\\s*\\| RealNVP +\\| .*"));
    assertThat(temp.resolve("r")).isEmptyDirectory();
  }
}
