package dev.realnvp.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.typesafe.config.ConfigFactory;
import dev.realnvp.jobs.Sample;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.RetryableException;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.preflight.Finding;
import dev.realnvp.spark.preflight.PreflightException;
import dev.realnvp.spark.preflight.Severity;
import dev.realnvp.spark.storage.OutputException;
import dev.realnvp.spark.storage.OutputInUseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.ParameterException;

/** Whatever is thrown ends in one line and one of the exit codes. */
class FailureTest {

  private static final String NO_ROOM = "No space left on device";
  private static final String STAGE =
      "Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent failure:"
          + " Lost task 0.3 in stage 3.0 (TID 9) (host executor 1): ";

  private static SparkConf conf(String master) {
    return new SparkConf(false)
        .set("spark.master", master)
        .set("spark.driver.memory", "2g")
        .set("spark.executor.memory", "1536m");
  }

  private static Finding error(String subject, boolean isTransient) {
    return new Finding(Severity.ERROR, subject, "is full", "", isTransient);
  }

  private static Throwable inATask(Throwable thrown) {
    return new SparkException(
        STAGE + thrown + "\n\tat a.B.c(B.java:1)\n\nDriver stacktrace:", thrown);
  }

  private static Throwable lost(String reason) {
    return new SparkException(
        STAGE
            + "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: "
            + reason
            + "\nDriver stacktrace:",
        null);
  }

  /** What picocli throws for a value that is no number. */
  private static Exception optionError() {
    try {
      Main.commandLine(new Sample()).parseArgs("--per-class", "abc");
      throw new AssertionError("taken for a number");
    } catch (ParameterException e) {
      return e;
    }
  }

  static Stream<Arguments> thrown() {
    return Stream.of(
        arguments(new ConfigurationException("setting a: b"), Main.USAGE, "setting a: b"),
        arguments(new InvalidInputException("x does not exist"), Main.FAILED, "x does not exist"),
        arguments(
            new IllegalStateException(new TrainingException("Training diverged")),
            Main.FAILED,
            "Training diverged"),
        arguments(new RetryableException("No executor"), Main.RETRY, "No executor"),
        arguments(
            new OutputInUseException("Output a is being written by b"),
            Main.RETRY,
            "Output a is being written by b"),
        arguments(new OutputException("Output a lost rows"), Main.FAILED, "Output a lost rows"),
        arguments(optionError(), Main.USAGE, "Invalid value for option '--per-class'"),
        arguments(
            new PreflightException(List.of(error("disk", true))), Main.RETRY, "disk: is full"),
        arguments(
            new PreflightException(List.of(error("serializer", false))),
            Main.FAILED,
            "serializer: is full"),
        arguments(new IOException(NO_ROOM), Main.RETRY, "IOException: " + NO_ROOM),
        arguments(new Error(new IOException(NO_ROOM)), Main.RETRY, "IOException: " + NO_ROOM),
        arguments(inATask(new IOException(NO_ROOM)), Main.RETRY, "IOException: " + NO_ROOM),
        arguments(
            new InvalidInputException("cannot write", new IOException(NO_ROOM)),
            Main.RETRY,
            "cannot write"),
        arguments(
            new UncheckedIOException(new ConnectException("Connection refused")),
            Main.RETRY,
            "ConnectException: Connection refused"),
        arguments(
            new SparkException("Job 3 cancelled because SparkContext was shut down"),
            Main.RETRY,
            "Spark ended the application"),
        arguments(
            lost("Command exited with code 137"),
            Main.RETRY,
            "executors kept failing: ExecutorLostFailure (executor 1 exited"),
        arguments(
            lost("Command exited with code 139"), Main.FAILED, "Command exited with code 139"),
        arguments(
            lost("Command exited with code 52"),
            Main.FAILED,
            "out of memory on an executor: raise spark.executor.memory, which is 1536m"),
        arguments(
            lost("Container killed by YARN for exceeding physical memory limits. 3 GB of 3 GB."),
            Main.FAILED,
            "raise spark.executor.memoryOverhead"),
        arguments(
            inATask(new OutOfMemoryError("Java heap space")),
            Main.FAILED,
            "out of memory on an executor (Java heap space): raise spark.executor.memory, which is"
                + " 1536m"),
        arguments(
            new OutOfMemoryError("Java heap space"),
            Main.FAILED,
            "out of memory on the driver (Java heap space): raise --driver-memory, which is 2g"),
        arguments(
            new OutOfMemoryError("Cannot allocate new FloatPointer(9): physicalBytes = 2G"),
            Main.FAILED,
            "raise -Dorg.bytedeco.javacpp.maxbytes in spark.driver.defaultJavaOptions"),
        arguments(new StackOverflowError(), Main.FAILED, "StackOverflowError"),
        arguments(inATask(new StackOverflowError()), Main.FAILED, "StackOverflowError"),
        arguments(new NoClassDefFoundError("a/B"), Main.FAILED, "NoClassDefFoundError: a/B"),
        arguments(new UnsatisfiedLinkError("no x"), Main.FAILED, "UnsatisfiedLinkError: no x"),
        arguments(new ExceptionInInitializerError("x"), Main.FAILED, "ExceptionInInitializerError"),
        arguments(new AssertionError("never"), Main.FAILED, "AssertionError: never"),
        arguments(new NullPointerException(), Main.FAILED, "NullPointerException"),
        arguments(new RuntimeException("two\nlines"), Main.FAILED, "RuntimeException: two (the"));
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void whateverIsThrownIsOneLineAndACode(Throwable thrown, int code, String part) {
    Failure failure = Failure.of(thrown, conf("spark://host:7077"));
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.message()).hasLineCount(1).contains(part);
  }

  @Test
  void aSettingThatIsReadWithoutACheckIsWrongUsage() {
    Failure failure = null;
    try {
      ConfigFactory.parseString("a.b = null").getInt("a.b");
    } catch (RuntimeException e) {
      failure = Failure.of(e, conf("local"));
    }
    assertThat(failure).extracting(Failure::code).isEqualTo(Main.USAGE);
    assertThat(failure.message()).hasLineCount(1).contains("a.b");
  }

  @ParameterizedTest
  @CsvSource({
    "local, the driver",
    "'local[2, 4]', the driver",
    "'local-cluster[2,1,1024]', an executor",
    "yarn, an executor"
  })
  void theMemoryIsThatOfTheProcessWhereTheTaskRan(String master, String process) {
    assertThat(Failure.of(inATask(new OutOfMemoryError("x")), conf(master)).message())
        .startsWith("out of memory on " + process);
  }
}
