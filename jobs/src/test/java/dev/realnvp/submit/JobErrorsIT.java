package dev.realnvp.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors as a user meets them: through a script, Spark and the jobs' jar. */
class JobErrorsIT {

  @TempDir Path temp;

  /**
   * Whatever the thread it is thrown on: Spark's would print a page of stack, and end with 50 or
   * 52.
   */
  @ParameterizedTest
  @CsvSource({"TASK, java.lang.OutOfMemoryError", "THREAD, java.lang.NoClassDefFoundError"})
  void anErrorOfJavaIsOneLineAndExitCode1(String place, String type) throws IOException {
    Path home = Checkout.original();
    Path jar = home.resolve(Checkout.JAR);
    ScriptRun run =
        ScriptRun.job(
            temp,
            "spark-submit",
            "--master",
            "local[1]",
            "--driver-class-path",
            failingJob() + ":" + jar,
            "--class",
            FailingJob.class.getName(),
            jar.toString(),
            "--on",
            place,
            "--throw",
            type);
    assertThat(run.code()).as(run.err()).isEqualTo(1);
    List<String> errors = run.err().lines().filter(line -> line.startsWith("error: ")).toList();
    assertThat(errors)
        .as(run.err())
        .singleElement()
        .asString()
        .contains(
            type.endsWith("MemoryError") ? "out of memory on " : type.substring(10) + ": thrown");
    // Spark's log says of a task that it failed.
    assertThat(run.err().lines())
        .noneMatch(line -> line.matches("\\s+at .*|Exception in thread.*"));
  }

  /** A folder with its classes alone: the tests' others bring settings of the log. */
  private Path failingJob() throws IOException {
    Path from = Checkout.original().resolve(Checkout.JAR).resolveSibling("test-classes");
    Path name = Path.of(FailingJob.class.getName().replace('.', '/'));
    Path to = Files.createDirectories(temp.resolve("classes").resolve(name.getParent()));
    try (DirectoryStream<Path> classes =
        Files.newDirectoryStream(from.resolve(name.getParent()), "FailingJob*.class")) {
      for (Path file : classes) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return temp.resolve("classes");
  }

  @Test
  void aSettingOutOfRangeIsOneLineAndExitCode2() {
    ScriptRun.job(temp, "train-flow.sh", "--master", "local[1]", "--set", "flow.batch=0")
        .failed(2)
        .isEqualTo("error: setting flow.batch: expected a whole number of at least 1; got 0");
  }

  @Test
  @Tag("nightly")
  void whatIsWrongWithTheMachineIsALineEachAndNoCredentialIsPrintedOrLogged() throws Exception {
    Path log = temp.resolve("job.log");
    ScriptRun run =
        ScriptRun.of(
            temp,
            Map.of("REALNVP_LOG_FILE", log.toString(), "OMP_NUM_THREADS", "2"),
            ScriptRun.command(
                "train-flow.sh",
                List.of("--master", "local[1]"),
                ScriptRun.each(
                    "--conf",
                    "spark.serializer=org.apache.spark.serializer.KryoSerializer",
                    "spark.hadoop.fs.gopher.secret.key=pa55"),
                List.of("--set", "paths.flow=/proc/flow")));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("warning: threads: OMP_NUM_THREADS is 2 on the"),
            line -> assertThat(line).startsWith("error: serializer: spark.serializer is "),
            line -> assertThat(line).startsWith("error: output: cannot write to /proc ("));
    assertThat(run.out()).isEmpty();
    assertThat(log).content().doesNotContain("pa55");
  }

  @Test
  @Tag("nightly")
  void aPlaceThatCannotBeReadIsShownWithoutItsPassword() {
    ScriptRun.job(temp, "train-flow.sh", "--master", "local[1]", "--input", "gopher://me:pa55@b/x")
        .failed(1)
        .startsWith("error: Cannot use 'gopher://***@b/x' as a path: No FileSystem for scheme");
  }
}
