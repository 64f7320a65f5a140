package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of Spark that a site has of its own, over this project's. */
class SiteSettingsIT {

  @TempDir private Path temp;
  private Checkout checkout;

  @BeforeEach
  void copyScripts() throws IOException {
    checkout = Checkout.in(temp.resolve("checkout"));
  }

  private static void settings(Path file, String... lines) throws IOException {
    Files.createDirectories(file.getParent());
    // A last line without an end.
    Files.writeString(file, String.join("\n", lines));
  }

  /** The file that Spark reads, the last one of those that it is given. */
  private Path file(String... arguments) {
    ScriptRun run = checkout.run(checkout.submit("score.sh"), arguments);
    assertThat(run.code()).as(run.err()).isZero();
    List<String> words = new ArrayList<>(Checkout.arguments(run));
    int last = words.lastIndexOf("--properties-file");
    assertThat(last).isLessThan(words.indexOf(checkout.jar().toString()));
    return last < 0 ? null : Path.of(words.get(last + 1));
  }

  private static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return properties;
  }

  private Properties project() throws IOException {
    return read(checkout.home().resolve("conf/spark-defaults.conf"));
  }

  @Test
  void withoutAnyThereAreTheProjectsAlone() {
    assertThat(file()).isNull();
  }

  @Test
  void thoseOfTheInstalledSparkAreLaidOverTheProjects() throws IOException {
    settings(
        checkout.spark().resolve("conf/spark-defaults.conf"),
        "spark.yarn.queue night",
        "spark.executor.memory=8g");
    Path file = file("--conf", "a.b=c");
    Properties merged = read(file);
    Properties expected = project();
    expected.setProperty("spark.yarn.queue", "night");
    expected.setProperty("spark.executor.memory", "8g");
    assertThat(merged).isEqualTo(expected);
    // There may be secrets in it.
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  /** As Spark takes one in place of spark-defaults.conf. */
  @Test
  void aFileThatIsNamedCountsInPlaceOfThose() throws IOException {
    settings(checkout.spark().resolve("conf/spark-defaults.conf"), "spark.yarn.queue night");
    settings(temp.resolve("mine.conf"), "spark.executor.cores 4");
    Properties merged = read(file("--properties-file", "mine.conf"));
    assertThat(merged)
        .containsEntry("spark.executor.cores", "4")
        .containsAllEntriesOf(project())
        .doesNotContainKey("spark.yarn.queue");
  }

  @Test
  void aFileThatIsNamedMustBeThere() {
    ScriptRun run = checkout.run(checkout.submit("score.sh"), "--properties-file=none.conf");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("error: --properties-file: none.conf cannot be read.");
  }

  @Test
  void aFolderOfSettingsWithoutSuchAFileLeavesTheProjects() throws IOException {
    checkout.with("SPARK_CONF_DIR", Files.createDirectory(temp.resolve("etc")).toString());
    assertThat(file()).isEqualTo(checkout.home().resolve("conf/spark-defaults.conf"));
    settings(temp.resolve("etc/spark-defaults.conf"), "spark.master yarn");
    assertThat(read(file())).containsEntry("spark.master", "yarn").containsAllEntriesOf(project());
    assertThat(checkout.run(checkout.submit("score.sh")).out()).contains("ADDRESS:unset");
  }

  /**
   * Without the project's, the native libraries are not found; with two collectors, no JVM starts.
   */
  @Test
  void optionsOfJvmsAddUp() throws IOException {
    String name = "spark.executor.defaultJavaOptions";
    settings(
        checkout.spark().resolve("conf/spark-defaults.conf"), name + " -verbose:gc -XX:+UseG1GC");
    assertThat(read(file()).getProperty(name))
        .contains("-Dorg.bytedeco.javacpp.maxbytes=1g", "-verbose:gc", "-XX:+UseG1GC")
        .doesNotContain("ParallelGC");
  }

  @Test
  void theSitesEnvironmentComesFirst() throws IOException {
    settings(checkout.spark().resolve("conf/spark-env.sh"), "HADOOP_CONF_DIR=/etc/hadoop\n");
    settings(checkout.spark().resolve("RELEASE"), "");
    Path jars = Files.createDirectories(checkout.spark().resolve("jars"));
    Files.writeString(jars.resolve("spark-core_2.12-3.5.9.jar"), "");
    ScriptRun run =
        ScriptRun.of(
            temp,
            Map.of(
                "SPARK_HOME", checkout.spark().toString(),
                "SPARK_CONF_DIR", checkout.home().resolve("conf").toString()),
            List.of(
                "bash",
                "-c",
                "set -a; source \"$SPARK_CONF_DIR/spark-env.sh\"; set +a; printenv HADOOP_CONF_DIR SPARK_DIST_CLASSPATH"));
    assertThat(run.out()).as(run.err()).containsExactly("/etc/hadoop", checkout.spark() + "/conf");
  }
}
