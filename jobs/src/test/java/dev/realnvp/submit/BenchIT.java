package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark through its script, on a few rows and a small flow. */
class BenchIT {

  @TempDir Path temp;

  private ScriptRun run(Object... options) {
    return ScriptRun.job(temp, "bench.sh", options);
  }

  private ScriptRun quick(String only, String peer) {
    return run(
            List.of("--quick", "--only", only, "--peer", peer, "--run", "r"),
            List.of("--json", "figures.json", "--data"),
            Checkout.original().resolve("jobs/src/test/resources/fashion-mnist-1000"),
            ScriptRun.each("--set", "flow.hidden=[8]", "flow.couplings=2"))
        .done();
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(temp.resolve("figures.json").toFile());
  }

  @Test
  @Tag("nightly")
  void helpListsTheOptions() {
    assertThat(String.join("\n", run("--help").done().out()))
        .contains("--data", "--only", "--quick", "--peer", "--json", "--detection", "--set");
  }

  @Test
  void anUnknownMeasureIsWrongUsage() {
    run("--only", "flow-epochs")
        .failed(2)
        .startsWith("error: --only: got flow-epochs, expected some of flow-epoch, ");
  }

  @Test
  @Tag("nightly")
  void oursIsComparedWithTheBetterOfThePeersTwoRuns() throws IOException {
    // 8 seconds in its first run, 2 in its second.
    String peer =
        "if [ -e again ]; then s=2; else s=8; touch again; fi; echo \"{\\\"flow_epoch_s\\\": $s}\"";
    ScriptRun run = quick("flow-workers,flow-epoch", peer);

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
    quick("flow-epoch", "none");
    assertThat(json().at("/figures/0/ratio").isNull()).isTrue();
    assertThat(Files.exists(temp.resolve("data"))).isFalse();
  }

  @Test
  @Tag("nightly")
  void detectionIsMeasuredWithoutImages() throws IOException {
    ScriptRun run =
        run(
                List.of("--quick", "--only", "detection-global-one-class,detection-million"),
                List.of("--seeds", "1", "--run", "r", "--json", "figures.json"))
            .done();
    assertThat(json().at("/figures/0/ours").asDouble()).isGreaterThan(90);
    assertThat(json().at("/figures/1/parts").size()).isEqualTo(9);
    assertThat(json().at("/detection/0/detector").asText()).isEqualTo("RealNVP");
    assertThat(json().at("/detection/0/tables/global/auroc"))
        .isEqualTo(json().at("/figures/0/ours"));
    assertThat(run.out()).anyMatch(line -> line.matches("\\s*\\| RealNVP +\\| .*"));
    assertThat(temp.resolve("r")).isEmptyDirectory();
  }
}
