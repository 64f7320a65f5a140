package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.RealNVPFlow;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project of {@code docs/examples/plain-java}: built by Maven with what {@code mvn install}
 * gives, and run.
 */
@Tag("nightly")
class PlainJavaIT {

  @TempDir static Path temp;

  private static Path sample;
  private static Path model;
  private static RealNVPFlow flow;
  private static Process service;
  private static URI address;

  @BeforeAll
  static void build() throws IOException {
    // Older ones cannot put a local repository in front of another.
    String version = String.join(" ", ScriptRun.of(temp, Map.of(), List.of("mvn", "-v")).out());
    assumeTrue(version.matches(".*Apache Maven (3[.]9|[4-9]).*"), version);
    assumeTrue(Checkout.JAR.startsWith("jobs/target/realnvp-spark.jar"), "the default build");
    maven(Checkout.original(), "-pl", ".,flow-model", "-DskipTests", "install");
    sample = temp.resolve("sample");
    FileUtils.copyDirectory(
        Checkout.original().resolve("docs/examples/plain-java").toFile(),
        sample.toFile(),
        file -> !file.getName().equals("target"));
    maven(sample, "package");
    model = temp.resolve("flow");
    flow = storedFlow();
    service = java("-jar", "target/scoring-service.jar", model.toString(), "0").start();
    BufferedReader out = service.inputReader();
    String line = out.readLine();
    while (line != null && !line.startsWith("listening on ")) {
      line = out.readLine();
    }
    assertThat(line).as("what the service prints").isNotNull();
    address = URI.create(line.substring("listening on ".length()));
  }

  @AfterAll
  static void stop() {
    if (service != null) {
      service.destroyForcibly().onExit().join();
    }
  }

  /** Not offline: mvn verify needs no plugin that installs, so perhaps there is none yet. */
  private static void maven(Path folder, String... arguments) {
    ScriptRun.of(
            folder,
            Map.of(),
            ScriptRun.words(
                List.of("mvn", "-q", "-B", "-Dmaven.repo.local=" + temp.resolve("repository")),
                "-Dmaven.repo.local.tail=" + System.getProperty("realnvp.repository"),
                "-Dmaven.repo.local.tail.ignoreAvailability=true",
                arguments))
        .done();
  }

  private static ProcessBuilder java(String... arguments) {
    List<String> command =
        ScriptRun.words(Path.of(System.getProperty("java.home"), "bin", "java"), arguments);
    return ScriptRun.process(sample, Map.of(), command)
        .redirectError(temp.resolve("service.err").toFile());
  }

  /** A flow of columns p and q and of two classes, calibrated. */
  private static RealNVPFlow storedFlow() throws IOException {
    SparkSession spark = LocalSpark.session();
    spark
        .sql(
            "select array('a', 'b')[id % 2] label, randn(1) p, randn(2) q from range(0, 400, 1, 1)")
        .write()
        .parquet(temp.resolve("table").toString());
    List<String> sets =
        List.of(
            "paths.embeddings=" + temp.resolve("table"),
            "paths.flow=" + model,
            "table.features-cols=p,q",
            "flow.epochs=1",
            "flow.hidden=[8]");
    new TrainFlow().run(spark, Settings.load(null, sets, Map.of("run", temp.toString())));
    return RealNVPFlow.load(model);
  }

  private static HttpResponse<String> post(String type, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(address.resolve("/score"))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static void assertScores(HttpResponse<String> answer, float[][] rows) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode scores = new ObjectMapper().readTree(answer.body());
    double[] logProb = flow.logProb(rows);
    double[] anomalyScores = flow.anomalyScores(flow.score(rows));
    assertThat(scores.get("log_prob")).hasSize(rows.length);
    for (int i = 0; i < rows.length; i++) {
      assertThat(scores.get("log_prob").get(i).doubleValue()).isCloseTo(logProb[i], within(1e-4));
      assertThat(scores.get("anomaly_score").get(i).doubleValue())
          .isCloseTo(anomalyScores[i], within(1e-3));
      assertThat(scores.get("predicted_label").get(i).intValue())
          .isEqualTo(flow.score(rows).mostLikelyClass(i));
    }
  }

  @Test
  void theServiceScoresJsonAndCsv() throws Exception {
    float[][] rows = {{0.5f, -1}, {3, 4}, {0, 0}};
    assertScores(post("application/json", "[[0.5, -1], [3, 4], [0, 0]]"), rows);
    String columns = "[{\"p\": 0.5, \"q\": -1}, [3, 4], {\"q\": 0, \"p\": 0, \"id\": \"x\"}]";
    assertScores(post("application/json", columns), rows);
    assertScores(post("text/csv", "0.5,-1\n3, 4\n0,0\n"), rows);
    assertThat(post("text/csv", "NaN,1").body()).contains("\"log_prob\":[null]", "[true]");
  }

  @Test
  void theServiceRefusesWhatAreNoRows() throws Exception {
    Map<String, String> refused =
        Map.of(
            "[[1, 2], [3]]", "x: row 1 has 1 values, expected 2",
            "[[1, null]]", "expected an array of rows, each an array of numbers or an object: ",
            "[[1, \"2\"]]", "expected an array of rows, each an array of numbers or an object: ",
            "[{\"p\": 1}]", "there is no column 'q'",
            "null", "got null, expected an array of rows",
            "[[1, 2]", "expected an array of rows, each an array of numbers or an object: ");
    for (Map.Entry<String, String> bad : refused.entrySet()) {
      HttpResponse<String> answer = post("application/json", bad.getKey());
      assertThat(answer.statusCode()).as(bad.getKey()).isEqualTo(400);
      assertThat(new ObjectMapper().readTree(answer.body()).get("error").asText())
          .startsWith(bad.getValue());
    }
    HttpResponse<String> csv = post("text/csv", "1,2\n3,x\n");
    assertThat(csv.statusCode()).isEqualTo(400);
    assertThat(csv.body()).contains("row 1, value 1: got 'x', expected a number");
  }

  @Test
  void theShortestProgramPrintsScores() throws Exception {
    Process program =
        java("-cp", "target/scoring-service.jar", "ScoreRows", model.toString()).start();
    List<String> printed = program.inputReader().lines().toList();
    assertThat(program.waitFor()).isZero();
    assertThat(printed.get(printed.size() - 1)).endsWith(", normal");
  }

  @Test
  void itHasNoSpark() throws IOException {
    try (Stream<Path> jars = Files.list(sample.resolve("target/lib"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .anyMatch(jar -> jar.startsWith("flow-model-"))
          .noneMatch(jar -> jar.matches("(spark|scala|hadoop|picocli|config)-.*"));
    }
  }
}
