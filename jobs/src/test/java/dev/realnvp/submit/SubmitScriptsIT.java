package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.Jobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubmitScriptsIT {
  private static final String NASTY = "it's \"a\" $(touch pwned) `touch pwned` \u00fc\u4e16 *";

  private static final String MAIN = Jobs.class.getName();

  private static final String JAR_4 = "jobs/target/spark-4/realnvp-spark_4_2.13.jar";

  @TempDir Path temp;
  private Checkout checkout;

  @BeforeEach
  void copyScripts() throws IOException {
    checkout = Checkout.in(temp.resolve(NASTY));
  }

  static Set<String> jobs() {
    return Jobs.all().keySet();
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void everyScriptRunsItsJob(String script) throws IOException {
    build("target/spark/RELEASE");
    ScriptRun run = checkout.run(checkout.submit(script + ".sh"), "--run", "r").done();
    assertThat(Checkout.arguments(run))
        .endsWith("--class", MAIN, checkout.jar().toString(), script, "--run", "r");
    assertThat(LogFilesIT.log(run).getParent()).isEqualTo(checkout.home().resolve("logs"));
    assertThat(LogFilesIT.log(run).getFileName().toString())
        .matches(script + "-\\d{8}-\\d{6}-[\\w-]+-\\d+\\.log");
  }

  @Test
  void sparkOptionsStandAnywhereBetweenTheJobsOwn() {
    ScriptRun run =
        checkout.run(
            checkout.submit("train-ae.sh"),
            "--run",
            NASTY,
            "--master",
            "local[2]",
            "--overwrite",
            "--conf",
            "spark.a=b c",
            "--driver-memory=3g",
            "--set",
            "a.b=c",
            "--conf-file",
            "f",
            "--verbose",
            "--help");
    assertThat(Checkout.arguments(run))
        .containsSubsequence("--master", "local[2]", "--conf", "spark.a=b c", "--driver-memory=3g")
        .endsWith(
            "--verbose",
            "--class",
            MAIN,
            checkout.jar().toString(),
            "train-ae",
            "--run",
            NASTY,
            "--overwrite",
            "--set",
            "a.b=c",
            "--conf-file",
            "f",
            "--help");
  }

  @Test
  void throughSparkSubmitTheScriptSeparatesSparksOptionsFromTheJobs() {
    ScriptRun run =
        checkout.run(
            checkout.submit("spark-submit"),
            "--master",
            "local[2]",
            "--conf",
            "spark.x=" + NASTY,
            "--verbose",
            checkout.submit("score.sh").toString(),
            "--name",
            NASTY,
            "",
            "--master",
            "x");
    assertThat(Checkout.arguments(run))
        .containsSubsequence("--master", "local[2]", "--conf", "spark.x=" + NASTY, "--verbose")
        .endsWith(
            "--class",
            MAIN,
            checkout.jar().toString(),
            "score",
            "--name",
            NASTY,
            "",
            "--master",
            "x");
  }

  @Test
  void theBenchmarkHasTwoWorkersUnlessToldOtherwise() throws IOException {
    build("target/spark/RELEASE");
    String[] options = {"--master", "local[4]", "--conf", "a.b=c"};
    ScriptRun direct = checkout.run(checkout.submit("bench.sh"), options);
    ScriptRun through =
        checkout.run(
            checkout.submit("spark-submit"),
            Stream.concat(Stream.of(options), Stream.of(checkout.submit("bench.sh").toString()))
                .toArray(String[]::new));
    for (ScriptRun run : List.of(direct, through)) {
      // Spark takes the last of an option that is given twice.
      assertThat(Checkout.arguments(run.done()))
          .containsSubsequence("--master", "local[2]", "--master", "local[4]", "--conf", "a.b=c")
          .endsWith("--class", "dev.realnvp.jobs.bench.Bench", checkout.jar().toString());
    }
  }

  @Test
  void whatIsNoJobScriptGoesToSparkUnchanged() {
    ScriptRun run =
        checkout.run(
            checkout.submit("spark-submit"),
            "--class",
            "a.B",
            "some.jar",
            "score.sh",
            "--name",
            "");
    assertThat(Checkout.arguments(run))
        .endsWith("--class", "a.B", "some.jar", "score.sh", "--name", "");
  }

  @Test
  void aLinkToAScriptWorks() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("a link.sh"), checkout.submit("score.sh"));
    assertThat(Checkout.arguments(checkout.run(link))).contains(MAIN, "score");
    assertThat(Checkout.arguments(checkout.run(checkout.submit("spark-submit"), "a link.sh")))
        .contains(MAIN, "score");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void exitCodesPassThrough(int code) {
    checkout.with("FAKE_EXIT", "" + code);
    assertThat(checkout.run(checkout.submit("score.sh")).code()).isEqualTo(code);
  }

  /** A Spark that is known by the name of its jar, options, and how the script ends. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " | --deploy-mode cluster | 2 | --deploy-mode cluster needs a cluster...got --master local[*]...",
        " | --deploy-mode=cluster --master local | 2 | got --master local...",
        " | --conf spark.submit.deployMode=cluster --master=local[2] | 2 | got --master local[2]...",
        " | --run r --master | 2 | error: --master needs a value",
        "2.12-3.5.9 | --master k8s://https://host | 2 | has no spark-kubernetes...mvn -Pspark-4 -DskipTests package",
        "2.13-4.0.0 | | 1 | which is Spark 4.0.0 for Scala 2.13...Spark 3.5 for Scala 2.12, or 4.0.1 or newer",
        "2.13-3.5.9 | | 1 | which is Spark 3.5.9 for Scala 2.13...Spark 3.5 for Scala 2.12, or 4.0.1 or newer",
        "2.12-3.4.4 | | 1 | which is Spark 3.4.4 for Scala 2.12...Spark 3.5 for Scala 2.12, or 4.0.1 or newer",
        "2.13-4.2.0 | | 1 | Not built yet for Spark 4...-Pspark-4 -DskipTests package",
      })
  void whatCannotRunIsOneLine(String core, String options, int code, String message)
      throws IOException {
    if (core != null) {
      sparkIs(core);
    }
    String[] words = options == null ? new String[0] : options.split(" ");
    ScriptRun run = checkout.run(checkout.submit("score.sh"), words);
    run.failed(code).contains(message.split("\\.\\.\\."));
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "yarn, '', 0",
    "spark://host:7077, the driver ended as unknown, 1",
    "k8s://https://host, how the driver ended is not known, 1"
  })
  void aScriptEndsAsTheDriverOnTheClusterDid(String master, String error, int code) {
    ScriptRun run =
        checkout.run(checkout.submit("score.sh"), "--master", master, "--deploy-mode", "cluster");
    assertThat(run.code()).isEqualTo(code);
    assertThat(run.err()).contains(error);
    assertThat(Checkout.arguments(run).get(Checkout.arguments(run).size() - 2))
        .isEqualTo(
            master.startsWith("k8s:")
                ? "local:///opt/realnvp-spark/jobs/target/realnvp-spark.jar"
                : checkout.jar().toString());
  }

  @Test
  void withoutTheJarOneLineSaysHowToBuildIt() throws IOException {
    Files.delete(checkout.jar());
    checkout.run(checkout.submit("score.sh")).failed(1).contains("mvn -f", "package");
  }

  /** Makes a file that the build would. */
  private void build(String file) throws IOException {
    Path built = checkout.home().resolve(file);
    Files.createDirectories(built.getParent());
    Files.writeString(built, "");
  }

  /** Gives the Spark home the jar by which a Spark is known. */
  private void sparkIs(String scalaAndVersion) throws IOException {
    Path jars = Files.createDirectories(checkout.spark().resolve("jars"));
    Files.writeString(jars.resolve("spark-core_" + scalaAndVersion + ".jar"), "");
  }

  @ParameterizedTest
  @CsvSource({
    "2.12-3.5.9, jobs/target/realnvp-spark.jar",
    "2.13-4.0.1, " + JAR_4,
    "2.13-4.2.0, " + JAR_4
  })
  void eachSparkGetsTheJarThatIsBuiltForIt(String core, String jar) throws IOException {
    sparkIs(core);
    build(JAR_4);
    ScriptRun run = checkout.run(checkout.submit("score.sh")).done();
    assertThat(Checkout.arguments(run)).endsWith(checkout.home().resolve(jar).toString(), "score");
  }

  @ParameterizedTest
  @CsvSource({
    "2.13-4.2.0, x/realnvp-spark.jar, " + JAR_4,
    "2.12-3.5.9, x/realnvp-spark_4_2.13-0.1.0.jar, jobs/target/realnvp-spark.jar"
  })
  void theJarOfAnotherSparkIsRefusedWithTheOneThatFits(String core, String other, String jar)
      throws IOException {
    sparkIs(core);
    Path submit = checkout.submit("spark-submit");
    for (ScriptRun run :
        List.of(
            checkout.run(submit, "--class", "a.B", other),
            checkout.run(submit, "--jars", "a.jar," + other, "b.jar"))) {
      run.failed(1)
          .contains(other + " does not fit Spark", checkout.home().resolve(jar).toString());
    }
    // A word of the program's own is none of Spark's.
    assertThat(checkout.run(submit, "--class", "a.B", "b.jar", other).code()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "2.12-3.5.9, 1.8.0_402, is Java 1: JDK 17 to 23 is needed",
    "2.12-3.5.9, 11.0.2, is Java 11: JDK 17 to 23 is needed",
    "2.12-3.5.9, 25.0.1, is Java 25: JDK 17 to 23 is needed",
    "2.13-4.0.1, 26, JDK 17 to 23 is needed",
    "2.13-4.2.0, 26, JDK 17 to 25 is needed",
  })
  void aJavaThatTheSparkDoesNotRunOnIsRefused(String core, String version, String message)
      throws IOException {
    sparkIs(core);
    build(JAR_4);
    Checkout.executable(
        temp.resolve("jdk/bin/java"),
        "#!/bin/sh\necho 'openjdk version \"" + version + "\" 2026-01-15' >&2\n");
    checkout.with("JAVA_HOME", temp.resolve("jdk").toString());
    checkout.run(checkout.submit("score.sh")).failed(1).contains(message);
  }

  @Test
  void theConfigurationIsTheProjectsUnlessTheUserNamesOne() {
    Path script = checkout.submit("score.sh");
    assertThat(checkout.run(script).out()).contains("CONF:" + checkout.home().resolve("conf"));
    checkout.with("SPARK_CONF_DIR", "spark home");
    assertThat(checkout.run(script).out()).contains("CONF:" + checkout.spark());
  }

  @ParameterizedTest
  @CsvSource({
    "'', 127.0.0.1",
    "--master local, 127.0.0.1",
    "--master=local[2], 127.0.0.1",
    "'--master local-cluster[2,1,1024]', 127.0.0.1",
    "--conf spark.master=local[*], 127.0.0.1",
    "--master yarn, unset",
    "--master=spark://host:7077, unset",
    "--conf spark.master=yarn, unset",
    "--conf=spark.master=yarn, unset",
    "--conf spark.master=yarn --master local[2], 127.0.0.1",
    "--master spark://host:7077 --conf spark.master=local, unset",
    "--properties-file yarn.conf, unset",
    "--properties-file yarn.conf --master local[2], 127.0.0.1"
  })
  void onlyUnderALocalMasterSparkListensOnThisMachineAlone(String options, String address)
      throws IOException {
    Files.writeString(temp.resolve("yarn.conf"), "spark.ui.enabled false\nspark.master   yarn\n");
    String[] arguments = options.isEmpty() ? new String[0] : options.split(" ");
    ScriptRun run = checkout.run(checkout.submit("score.sh"), arguments);
    assertThat(run.out()).contains("ADDRESS:" + address);
  }

  @Test
  void anAddressThatTheUserNamesStays() {
    checkout.with("SPARK_LOCAL_IP", "127.0.0.7");
    assertThat(checkout.run(checkout.submit("score.sh")).out()).contains("ADDRESS:127.0.0.7");
  }

  @Test
  void nothingInANastyPathIsRun() {
    checkout.run(checkout.submit("score.sh"), "--run", NASTY);
    checkout.run(checkout.submit("spark-submit"), checkout.submit("score.sh").toString(), NASTY);
    assertThat(temp.resolve("pwned")).doesNotExist();
    assertThat(checkout.home().resolve("pwned")).doesNotExist();
  }

  @Test
  void theEmbeddedSparkRunsAClassOutOfTheJar() {
    ScriptRun run =
        ScriptRun.job(
            temp,
            "spark-submit",
            List.of("--master", "local[1]", "--class", MAIN),
            Checkout.original().resolve(Checkout.JAR),
            "doctor",
            "--help");
    assertThat(run.done().out()).anyMatch(line -> line.startsWith("Usage: doctor"));
    assertThat(run.err()).isEmpty();
  }
}
