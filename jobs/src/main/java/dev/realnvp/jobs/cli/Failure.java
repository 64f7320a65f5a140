package dev.realnvp.jobs.cli;

import com.typesafe.config.ConfigException;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.DriftException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.Retryable;
import dev.realnvp.spark.failure.TrainingException;
import dev.realnvp.spark.failure.TransientFailures;
import dev.realnvp.spark.storage.OutputException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import picocli.CommandLine.ParameterException;

/**
 * How a job ends for whatever was thrown.
 *
 * @param message for the user, a line for each reason
 * @param code of {@link Main}'s
 */
record Failure(String message, int code) {

  /** What Spark says of work in an application that it has stopped. */
  private static final Pattern ENDED_BY_SPARK =
      Pattern.compile("stopped SparkContext|SparkContext was shut down|SparkContext has been shut");

  private static final String ENDED =
      "Spark ended the application: the cluster is gone, or executors kept failing";

  private static final Pattern LOST_EXECUTOR = Pattern.compile("ExecutorLostFailure[^\\n]*");

  /** Of an executor that ended itself, by {@code SparkExitCode} and {@code ExecutorExitCode}. */
  private static final Pattern EXIT_CODE =
      Pattern.compile("(?:exited with code|[Ee]xit code|[Ee]xit status):? (\\d+)\\b");

  private static final Pattern KILLED_FOR_MEMORY =
      Pattern.compile("exceeding (?:physical |virtual )?memory limits|OOMKilled");

  private static final int OUT_OF_MEMORY = 52;

  /** Uncaught errors, and crashes of native code (signals 6 and 11): they come back. */
  private static final List<Integer> DEFECTS = List.of(50, 51, 134, 139);

  /**
   * The failure for what a job threw.
   *
   * @param conf Spark's settings, of which the message names some
   */
  static Failure of(Throwable thrown, SparkConf conf) {
    List<Throwable> chain = ExceptionUtils.getThrowableList(thrown);
    Throwable root = chain.get(chain.size() - 1);
    int code = TransientFailures.is(thrown) ? Main.RETRY : Main.FAILED;
    if (thrown instanceof ParameterException) {
      Throwable said =
          chain.stream()
              .filter(ConfigurationException.class::isInstance)
              .findFirst()
              .orElse(thrown);
      return new Failure(oneLine(said.getMessage()) + " (--help lists the options)", Main.USAGE);
    }
    if (thrown instanceof ConfigurationException || thrown instanceof ConfigException) {
      return new Failure(oneLine(thrown.getMessage()), Main.USAGE);
    }
    if (thrown instanceof DriftException) {
      return new Failure(thrown.getMessage(), Main.DRIFTED);
    }
    if (chain.stream().anyMatch(OutOfMemoryError.class::isInstance)) {
      return new Failure(outOfMemory(chain, conf), Main.FAILED);
    }
    return chain.stream()
        .filter(Failure::isOwn)
        .findFirst()
        .map(own -> new Failure(own.getMessage(), code))
        .or(() -> chain.stream().flatMap(link -> lostExecutor(link, conf)).findFirst())
        .orElseGet(
            () ->
                ENDED_BY_SPARK.matcher(String.valueOf(root.getMessage())).find()
                    ? new Failure(
                        ENDED + seeLog() + ". The same command goes on from there", Main.RETRY)
                    : new Failure(oneLine(ExceptionUtils.getMessage(root)) + seeLog(), code));
  }

  /** Whether all that is known is that Spark ended, which an error in one of its threads causes. */
  boolean isEndOfSpark() {
    return message.startsWith(ENDED);
  }

  /** The project's own errors, whose message says all. */
  private static boolean isOwn(Throwable link) {
    return link instanceof InvalidInputException
        || link instanceof OutputException
        || link instanceof TrainingException
        || link instanceof Retryable;
  }

  private static String outOfMemory(List<Throwable> chain, SparkConf conf) {
    Throwable error =
        chain.stream().filter(OutOfMemoryError.class::isInstance).findFirst().orElseThrow();
    String what = oneLine(error.getMessage());
    boolean task = chain.stream().anyMatch(SparkException.class::isInstance);
    boolean executor = task && !isLocal(conf);
    String where =
        "out of memory on %s (%s)".formatted(executor ? "an executor" : "the driver", what);
    // JavaCPP's limits on what is off the heap.
    if (what.contains("hysicalBytes")) {
      return "%s: raise -Dorg.bytedeco.javacpp.maxbytes in spark.%s.defaultJavaOptions"
          .formatted(where, executor ? "executor" : "driver");
    }
    return executor
        ? where + remedy("spark.executor.memory", conf)
        : where + ": raise --driver-memory, which is " + conf.get("spark.driver.memory", "1g");
  }

  private static String remedy(String key, SparkConf conf) {
    return ": raise " + key + (conf.contains(key) ? ", which is " + conf.get(key) : "");
  }

  /** What became of the executor of a task that was tried often enough. */
  private static Stream<Failure> lostExecutor(Throwable link, SparkConf conf) {
    Matcher lost = LOST_EXECUTOR.matcher(String.valueOf(link.getMessage()));
    if (!lost.find()) {
      return Stream.empty();
    }
    String line = oneLine(lost.group());
    Matcher matcher = EXIT_CODE.matcher(line);
    int exit = matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
    if (exit == OUT_OF_MEMORY) {
      return Stream.of(
          new Failure(
              "out of memory on an executor" + remedy("spark.executor.memory", conf), Main.FAILED));
    }
    if (KILLED_FOR_MEMORY.matcher(line).find()) {
      return Stream.of(
          new Failure(line + remedy("spark.executor.memoryOverhead", conf), Main.FAILED));
    }
    return Stream.of(
        new Failure(
            "executors kept failing: " + line + seeLog(),
            DEFECTS.contains(exit) ? Main.FAILED : Main.RETRY));
  }

  /** Whether tasks are threads of the driver. */
  static boolean isLocal(SparkConf conf) {
    return conf.get("spark.master", "").matches("local(\\[.*)?");
  }

  private static String seeLog() {
    String file = System.getenv("REALNVP_LOG_FILE");
    return " (the log has the whole of it" + (file == null ? "" : ": " + file) + ")";
  }

  private static String oneLine(String message) {
    return String.valueOf(message).lines().filter(s -> !s.isBlank()).findFirst().orElse("").strip();
  }
}
