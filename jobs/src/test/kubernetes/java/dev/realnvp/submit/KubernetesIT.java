package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.TrainFlow;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.LocalSpark;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Trainings with Kubernetes as the master; the cluster is a {@link Kubelet}. */
@ExtendWith(LocalSpark.class)
class KubernetesIT {

  private static final String[] SETTINGS = {
    "train.workers=2",
    "flow.couplings=2",
    "flow.hidden=[8]",
    "flow.batch=20",
    "flow.averaging-interval=1",
    "flow.epochs=9"
  };

  private static final String[] MASTER = {
    "spark.kubernetes.container.image=realnvp-spark",
    "spark.executor.instances=2",
    "spark.executor.cores=1",
    "spark.executor.memory=768m",
    "spark.kubernetes.executor.podTemplateFile=conf/executor-pod.yaml"
  };

  private static Image image;

  private final SparkSession spark;

  @TempDir private Path temp;

  KubernetesIT(SparkSession spark) {
    this.spark = spark;
  }

  @BeforeAll
  static void build(@TempDir Path folder) throws IOException {
    image = Image.build(folder.resolve("image"));
  }

  @Test
  void anImageRunsWhatItIsTold() {
    assertThat(image.run("submit/doctor.sh", "--help").done().out())
        .anyMatch(line -> line.startsWith("Usage: doctor"));
    assertThat(image.root().resolve("etc/passwd")).content().startsWith("spark:x:185:0:");
  }

  private String train(String table, String model) throws IOException {
    List<String> sets = new ArrayList<>(List.of(SETTINGS));
    sets.add("paths.embeddings=" + temp.resolve(table));
    sets.add("paths.flow=" + temp.resolve(model));
    Config config = Settings.load(null, sets, Map.of("run", temp.resolve("run").toString()));
    return new TrainFlow().run(spark, config).manifest().id();
  }

  private List<String> training(String master, String... options) {
    String[] kernels =
        ScriptRun.kernels().entrySet().stream()
            .flatMap(
                kernel ->
                    Stream.of("spark.executorEnv.", "spark.kubernetes.driverEnv.")
                        .map(of -> of + kernel))
            .toArray(String[]::new);
    return ScriptRun.command(
        "train-flow.sh",
        List.of("--master", master),
        ScriptRun.each("--conf", MASTER),
        ScriptRun.each("--conf", kernels),
        options,
        List.of("--input", temp.resolve("table"), "--output", temp.resolve("flow")),
        List.of("--run", temp.resolve("r")),
        ScriptRun.each("--set", SETTINGS));
  }

  private static void signal(Process process, String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
  }

  /** For native arrays in memory, and for rows on the disk. */
  private static void assertHasRoom(Pod pod, int megabytes) {
    var container = pod.getSpec().getContainers().get(0);
    assertThat(container.getResources().getLimits().get("memory"))
        .isEqualTo(new Quantity(megabytes + "Mi"));
    assertThat(container.getResources().getRequests()).containsKey("ephemeral-storage");
    assertThat(pod.getSpec().getVolumes())
        .filteredOn(volume -> volume.getName().equals("spark-local-dir-1"))
        .singleElement()
        .satisfies(volume -> assertThat(volume.getEmptyDir().getSizeLimit()).isNotNull())
        .satisfies(volume -> assertThat(volume.getEmptyDir().getMedium()).isNull());
  }

  /** The other executor waits until the new one is there, or the training might end without it. */
  @Test
  void aKilledExecutorIsReplacedAndTheModelIsTheSame() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    String undisturbed = train("table", "undisturbed");
    try (Kubelet kubelet = new Kubelet(temp, image)) {
      Process driver =
          ScriptRun.process(
                  Checkout.original(),
                  ScriptRun.kernels(),
                  training(kubelet.master(), "--conf", "spark.driver.host=127.0.0.1"))
              .redirectError(temp.resolve("driver.err").toFile())
              .start();
      String first = kubelet.nextStarted();
      String second = kubelet.nextStarted();
      assertHasRoom(kubelet.pod(first), 768 + 1536);
      try (BufferedReader lines = driver.inputReader()) {
        assertThat(lines.lines().anyMatch(line -> line.contains("epoch 2/9")))
            .as(Files.readString(temp.resolve("driver.err")))
            .isTrue();
        signal(kubelet.process(first), "STOP");
        kubelet.process(second).destroyForcibly();
        assertThat(kubelet.nextStarted()).isNotIn(first, second);
        signal(kubelet.process(first), "CONT");
        lines.lines().forEach(line -> {});
      }
      assertThat(driver.waitFor()).as(Files.readString(temp.resolve("driver.err"))).isZero();
      assertThat(kubelet.client().pods().inAnyNamespace().list().getItems()).isEmpty();
      assertThat(kubelet.client().configMaps().inAnyNamespace().list().getItems()).isEmpty();
    }
    assertThat(id()).isEqualTo(undisturbed);
  }

  private List<String> cluster(Kubelet kubelet) {
    return training(
        kubelet.master(),
        "--deploy-mode",
        "cluster",
        "--conf",
        "spark.kubernetes.driver.podTemplateFile=conf/driver-pod.yaml",
        "--conf",
        "spark.kubernetes.driver.master=" + kubelet.master().replace("k8s://", ""));
  }

  @Test
  void aPodIsTheDriverAndEndsWithTheSameModel() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    String undisturbed = train("table", "undisturbed");
    try (Kubelet kubelet = new Kubelet(temp, image)) {
      ScriptRun.of(Checkout.original(), ScriptRun.kernels(), cluster(kubelet)).done();
      String driver = kubelet.nextStarted();
      assertHasRoom(kubelet.pod(driver), 1792 + 2560);
      assertThat(kubelet.nextStarted()).endsWith("-exec-1");
      assertThat(temp.resolve(driver + ".log")).content().contains("epoch 9/9", " 2 workers");
    }
    assertThat(id()).isEqualTo(undisturbed);
  }

  /** Spark's client itself ends with 0. */
  @Test
  void theExitCodeIsThatOfTheDriver() throws Exception {
    SmallTable.write(spark, temp.resolve("table"));
    try (Kubelet kubelet = new Kubelet(temp, image)) {
      List<String> command = cluster(kubelet);
      command.addAll(List.of("--set", "flow.epochs=-1"));
      ScriptRun run = ScriptRun.of(Checkout.original(), Map.of(), command);
      assertThat(run.code()).as(run.err()).isEqualTo(2);
      String driver = kubelet.nextStarted();
      assertThat(run.err()).contains("error: the driver ended with exit code 2", "logs " + driver);
      assertThat(temp.resolve(driver + ".log")).content().contains("error: setting flow.epochs");
    }
  }

  private String id() throws IOException {
    return Manifest.fromJson(Files.readString(temp.resolve("flow/manifest.json"))).id();
  }
}
