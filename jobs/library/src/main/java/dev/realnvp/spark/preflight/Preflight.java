package dev.realnvp.spark.preflight;

import dev.realnvp.engine.arrays.GemmSpeed;
import dev.realnvp.spark.cluster.Workers;
import dev.realnvp.spark.failure.RetryableException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.status.api.v1.ExecutorSummary;
import org.nd4j.linalg.factory.Nd4j;

/** The checks before a job's work, on the driver and on each executor. */
public final class Preflight {

  private static final String EXECUTORS = "executors";

  private record Answer<T>(String executor, T value) implements Serializable {}

  private Preflight() {}

  /** Checks that do not need a session, because without them there may be none. */
  public static List<Finding> software() {
    return List.of(ProcessFacts.software().on("the driver"));
  }

  /**
   * Starts to load what models need, the native libraries and ND4J, while Spark starts on another
   * core. What fails here fails again where it is needed.
   */
  public static void load() {
    Thread thread =
        new Thread(
            () -> {
              if (Checks.products(true).level() != Severity.ERROR) {
                Nd4j.scalar(0f);
              }
            },
            "native-libraries");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * All checks. Most of the time is spent on loading native libraries, which the work needs anyway.
   *
   * @param outputs paths or Hadoop URIs that will be written
   */
  public static List<Finding> check(JavaSparkContext spark, Collection<String> outputs) {
    SparkConf conf = spark.getConf();
    List<Finding> findings = new ArrayList<>();
    List<ProcessFacts> processes = new ArrayList<>();
    processes.add(ProcessFacts.here());
    Finding serializer = Checks.serializer(conf);
    if (spark.isLocal()) {
      findings.add(
          Finding.ok(
              EXECUTORS, "%s, %d task slots".formatted(spark.master(), Workers.slots(spark))));
    } else if (serializer.level() == Severity.OK) {
      findings.add(ask(spark, processes));
    }
    for (String subject : List.of("software", Checks.PRODUCTS, "threads")) {
      findings.addAll(ProcessFacts.findings(subject, processes));
    }
    findings.addAll(Checks.memory(processes));
    findings.addAll(Checks.overhead(conf, processes));
    findings.add(serializer);
    findings.addAll(Checks.encryption(conf));
    findings.addAll(Places.outputs(spark.hadoopConfiguration(), outputs));
    findings.addAll(ProcessFacts.findings("disk", processes));
    return findings;
  }

  /** The speed of each process's products, for the record. Only if the products are correct. */
  public static List<Finding> speeds(JavaSparkContext spark) {
    if (spark.isLocal()) {
      return List.of(speed("the driver", GemmSpeed.measure()));
    }
    return answers(spark, GemmSpeed::measure).entrySet().stream()
        .map(entry -> speed("executor " + entry.getKey(), entry.getValue()))
        .toList();
  }

  private static Finding speed(String process, GemmSpeed speed) {
    return Finding.ok(
            "speed",
            String.format(
                Locale.ROOT, "%s kernels, %.0f GFLOP/s a core", speed.kernels(), speed.gigaflops()))
        .on(process);
  }

  /** Adds the executors' facts, and returns their number. */
  private static Finding ask(JavaSparkContext spark, List<ProcessFacts> processes) {
    try {
      Map<String, ProcessFacts> answers = answers(spark, ProcessFacts::here);
      processes.addAll(answers.values());
      List<String> silent =
          Workers.executors(spark).stream()
              .map(ExecutorSummary::id)
              .filter(id -> !answers.containsKey(id))
              .toList();
      return silent.isEmpty()
          ? Finding.ok(
              EXECUTORS,
              "%s, %d executors, %d task slots"
                  .formatted(spark.master(), answers.size(), Workers.slots(spark)))
          : Finding.warning(
              EXECUTORS,
              String.join(", ", silent) + " did not answer, so they are not checked",
              "look at their logs");
    } catch (RetryableException e) {
      return new Finding(Severity.ERROR, EXECUTORS, e.getMessage(), "", e.isRetryable());
    } catch (Exception e) {
      // Spark throws its checked SparkException here without declaring it.
      return Finding.error(
          Checks.PRODUCTS,
          "the executors failed the check of their native libraries (%s)"
              .formatted(Finding.reason(e)),
          "look at their logs, or " + Checks.EXECUTORS_KERNELS);
    }
  }

  /**
   * Runs it on all executors that have come, or that the settings promise. While nothing else runs,
   * Spark fills all free slots at once, so with one task per slot each executor gets one.
   *
   * @return the results by the executors' ids
   */
  static <T> Map<String, T> answers(JavaSparkContext spark, Function0<T> question) {
    int slots = Workers.slots(spark);
    Map<String, T> answers = new TreeMap<>();
    spark
        .parallelize(Collections.nCopies(slots, 0), slots)
        .map(slot -> new Answer<>(SparkEnv.get().executorId(), question.call()))
        .collect()
        .forEach(answer -> answers.put(answer.executor(), answer.value()));
    return answers;
  }
}
