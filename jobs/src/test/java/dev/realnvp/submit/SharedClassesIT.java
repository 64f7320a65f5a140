package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("nightly")
class SharedClassesIT {

  private static final SparkSession spark = LocalSpark.session();

  private static final Path HOME = Checkout.original();
  private static final Path ARCHIVE = HOME.resolve(Checkout.SPARK).resolve("classes.jsa");

  @TempDir static Path temp;

  @BeforeAll
  static void theBuildMadeAnArchive() {
    SmallTable.write(spark, temp.resolve("table"));
    assertThat(ARCHIVE).isRegularFile();
  }

  @Test
  void aLocalJobTakesItsClassesOutOfTheArchiveAndMakesTheSameModel() throws IOException {
    List<String> shared = train("shared", "local[2]", Map.of());
    assertThat(shared)
        .anyMatch(line -> line.contains("dev.realnvp.jobs.TrainFlow source: shared objects file"));
    Path conf = temp.resolve("conf");
    Files.createDirectories(conf);
    for (String file : List.of("spark-defaults.conf", "log4j2.properties")) {
      Files.copy(HOME.resolve("conf").resolve(file), conf.resolve(file));
    }
    List<String> own = train("own", "local[2]", Map.of("SPARK_CONF_DIR", conf.toString()));
    assertThat(own)
        .anyMatch(line -> line.contains("dev.realnvp.jobs.TrainFlow source:"))
        .noneMatch(line -> line.contains("dev.realnvp.jobs.TrainFlow source: shared"));
    assertThat(model("own")).isEqualTo(model("shared"));
  }

  @Test
  void theUsersOwnClassesComeFirst() throws IOException {
    Path classes = Files.createDirectories(temp.resolve("classes"));
    List<String> loads = train("first", "local[2]", Map.of(), "--driver-class-path", classes);
    assertThat(loads)
        .anyMatch(line -> line.contains("dev.realnvp.jobs.TrainFlow source: file:"))
        .noneMatch(line -> line.contains("source: shared objects file (top)"));
  }

  @Test
  void anExecutorOfItsOwnGetsTheJarAsEver() throws IOException {
    assertThat(train("cluster", "local-cluster[1,1,2048]", Map.of()))
        .noneMatch(line -> line.contains("dev.realnvp.jobs.TrainFlow source: shared"));
  }

  private static String model(String name) throws IOException {
    return new ObjectMapper()
        .readTree(temp.resolve(name).resolve("manifest.json").toFile())
        .get("id")
        .textValue();
  }

  /** Trains a flow, and returns where the driver's classes came from. */
  private static List<String> train(
      String name, String master, Map<String, String> environment, Object... options)
      throws IOException {
    Path loads = temp.resolve(name + ".loads");
    ScriptRun.of(
            temp,
            environment,
            ScriptRun.command(
                "train-flow.sh",
                List.of("--master", master),
                List.of(options),
                List.of("--driver-java-options", "-Xlog:class+load:file=" + loads),
                List.of("--input", temp.resolve("table"), "--output", temp.resolve(name)),
                SmallTable.SMALL_FLOW))
        .done();
    return Files.readAllLines(loads);
  }
}
