package dev.realnvp.spark.preflight;

import dev.realnvp.engine.GemmSpeed;
import dev.realnvp.spark.training.NoExecutorsException;
import dev.realnvp.spark.training.Workers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** The checks before a job's work, on the driver and on each executor. */
public final class Preflight {

  private static final String EXECUTORS = "executors";

  private static final String PRODUCTS = "products";

  private Preflight() {}

  /** Checks that do not need a session, because without them there may be none. */
  public static List<Finding> software() {
    return List.of(SoftwareCheck.of(Software.here()).finding("software", " on the driver"));
  }

  /**
   * All checks. Most of the time is spent on loading native libraries, which the work needs anyway.
   *
   * @param inputs paths or Hadoop URIs that will be read if they exist
   * @param outputs paths or Hadoop URIs that will be written
   */
  public static List<Finding> check(
      JavaSparkContext spark, Collection<String> inputs, Collection<String> outputs) {
    SparkConf conf = spark.getConf();
    Configuration hadoop = spark.hadoopConfiguration();
    List<Finding> findings = new ArrayList<>();
    List<ProcessFacts> processes = new ArrayList<>();
    processes.add(ProcessFacts.here());
    Finding serializer = SerializerCheck.of(conf);
    if (spark.isLocal()) {
      findings.add(
          Finding.ok(
              EXECUTORS, "%s, %d task slots".formatted(spark.master(), Workers.slots(spark))));
    } else if (serializer.level() == Severity.OK) {
      findings.add(ask(spark, processes));
    }
    findings.addAll(
        Verdict.findings("software", processes, process -> SoftwareCheck.of(process.software())));
    findings.addAll(Verdict.findings(PRODUCTS, processes, ProductsCheck::of));
    findings.addAll(Verdict.findings("threads", processes, ThreadsCheck::of));
    findings.addAll(MemoryCheck.of(processes));
    findings.addAll(MemoryCheck.overhead(conf, processes));
    findings.add(serializer);
    findings.addAll(InputCheck.of(hadoop, inputs));
    findings.addAll(OutputCheck.of(hadoop, outputs));
    findings.addAll(DiskCheck.local(processes));
    return findings;
  }

  /** The speed of each process's products, for the record. Only if the products are correct. */
  public static List<Finding> speeds(JavaSparkContext spark) {
    if (spark.isLocal()) {
      return List.of(speed("the driver", GemmSpeed.measure()));
    }
    return Executors.ask(spark, GemmSpeed::measure).entrySet().stream()
        .map(entry -> speed("executor " + entry.getKey(), entry.getValue()))
        .toList();
  }

  private static Finding speed(String process, GemmSpeed speed) {
    String got =
        String.format(
            Locale.ROOT, "%s kernels, %.0f GFLOP/s a core", speed.kernels(), speed.gigaflops());
    return Finding.ok("speed", got + " on " + process);
  }

  /** Adds the executors' facts, and returns their number. */
  private static Finding ask(JavaSparkContext spark, List<ProcessFacts> processes) {
    try {
      Map<String, ProcessFacts> answers = Executors.ask(spark, ProcessFacts::here);
      processes.addAll(answers.values());
      List<String> silent =
          Executors.registered(spark).stream().filter(id -> !answers.containsKey(id)).toList();
      return silent.isEmpty()
          ? Finding.ok(
              EXECUTORS,
              "%s, %d executors, %d task slots"
                  .formatted(spark.master(), answers.size(), Workers.slots(spark)))
          : Finding.warning(
              EXECUTORS,
              "%s did not answer, so they are not checked: look at their logs"
                  .formatted(String.join(", ", silent)));
    } catch (NoExecutorsException e) {
      return Finding.error(EXECUTORS, e.getMessage(), e);
    } catch (Exception e) {
      // Spark throws its checked SparkException here without declaring it.
      return Finding.error(
          PRODUCTS,
          "the executors failed the check of their native libraries (%s): look at their logs, or %s"
              .formatted(Reason.of(e), ProductsCheck.EXECUTORS_KERNELS));
    }
  }
}
