package dev.realnvp.spark.training;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;

/** How many workers there can be at once. */
public final class Workers {

  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\*|\\d+)(?:,\\d+)?])?");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,.*]");
  private static final Duration POLL = Duration.ofMillis(100);

  /** How long none more must have come where nothing says how many will. */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  private Workers() {}

  /** As many as are asked for; where that is 0, {@link #count}. */
  public static int of(int asked, JavaSparkContext spark) {
    return asked > 0 ? asked : count(spark);
  }

  /**
   * Task slots of the cluster: cores over {@code spark.task.cpus}. Waits for the executors that the
   * configuration promises ({@code local-cluster[n,..]}, {@code spark.executor.instances}, {@code
   * spark.cores.max}), or else until there is one and their number has settled, and at most {@code
   * spark.scheduler.maxRegisteredResourcesWaitingTime} (Spark's default: 30 s); then takes what is
   * there.
   *
   * @throws TrainingException if no executor has come by then
   */
  public static int count(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    int cpus = conf.getInt("spark.task.cpus", 1);
    OptionalInt local = localCores(spark.master());
    int cores = local.isPresent() ? local.getAsInt() : await(spark);
    return Math.max(1, cores / cpus);
  }

  private static int await(JavaSparkContext spark) {
    OptionalInt expected = expectedCores(spark.master(), spark.getConf());
    long limit =
        spark.getConf().getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    long began = System.nanoTime();
    while (true) {
      List<ExecutorSummary> executors = executors(spark);
      int cores = executors.stream().mapToInt(ExecutorSummary::totalCores).sum();
      boolean complete =
          expected.isPresent()
              ? cores >= expected.getAsInt()
              : cores > 0 && sinceTheLastCame(executors) >= SETTLED.toMillis();
      if (complete) {
        return cores;
      }
      if ((System.nanoTime() - began) / 1_000_000 >= limit) {
        if (cores == 0) {
          throw new TrainingException(
              "No executor of %s came within %d s; is the cluster up, and has it free cores?"
                  .formatted(spark.master(), limit / 1000));
        }
        return cores;
      }
      sleep();
    }
  }

  private static long sinceTheLastCame(List<ExecutorSummary> executors) {
    long last = executors.stream().mapToLong(e -> e.addTime().getTime()).max().orElseThrow();
    return System.currentTimeMillis() - last;
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException("Interrupted while waiting for executors");
    }
  }

  /** Cores of a {@code local} master, whose executor is the driver; empty for all others. */
  static OptionalInt localCores(String master) {
    Matcher matcher = LOCAL.matcher(master);
    if (!matcher.matches()) {
      return OptionalInt.empty();
    }
    String cores = matcher.group(1);
    if (cores == null) {
      return OptionalInt.of(1);
    }
    return OptionalInt.of(
        cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(cores));
  }

  /** Cores that the configuration promises; empty where the cluster gives what it has. */
  static OptionalInt expectedCores(String master, SparkConf conf) {
    Matcher matcher = LOCAL_CLUSTER.matcher(master);
    if (matcher.matches()) {
      return OptionalInt.of(
          Integer.parseInt(matcher.group(1)) * Integer.parseInt(matcher.group(2)));
    }
    if (conf.contains("spark.cores.max")) {
      return OptionalInt.of(conf.getInt("spark.cores.max", 0));
    }
    if (conf.contains("spark.executor.instances")
        && !conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      return OptionalInt.of(
          conf.getInt("spark.executor.instances", 0) * conf.getInt("spark.executor.cores", 1));
    }
    return OptionalInt.empty();
  }

  /** The executors that have registered, from the listener that feeds Spark's REST API. */
  private static List<ExecutorSummary> executors(JavaSparkContext spark) {
    return JavaConverters.seqAsJavaList(spark.sc().statusStore().executorList(true)).stream()
        .filter(executor -> !executor.id().equals("driver"))
        .toList();
  }
}
