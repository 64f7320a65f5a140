package dev.realnvp.spark.cluster;

import dev.realnvp.spark.failure.RetryableException;
import dev.realnvp.spark.failure.TrainingException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;
import scala.collection.immutable.Map$;

/** How many workers there can be at once. */
public final class Workers {

  // As Spark's SparkMasterRegex takes them.
  private static final Pattern LOCAL =
      Pattern.compile("local(?:\\[(\\*|\\d+)(?:\\s*,\\s*\\d+)?])?");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");
  private static final String DYNAMIC = "spark.dynamicAllocation.";
  private static final String EXECUTOR_CORES = "spark.executor.cores";
  private static final String MOST_CORES = "spark.cores.max";
  private static final Duration POLL = Duration.ofMillis(100);

  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  /** How long none more must have come where nothing says how many will. */
  private static final Duration SETTLED = Duration.ofSeconds(3);

  private Workers() {}

  /**
   * As many as are asked for; where that is 0, {@link #count}. Under dynamic allocation executors
   * for so many are asked for at once, and waited for: by itself Spark asks for one after the
   * other.
   */
  public static int of(int asked, JavaSparkContext spark) {
    if (asked == 0) {
      return count(spark);
    }
    if (isDynamic(spark)) {
      SparkConf conf = spark.getConf();
      int cores = asked * cpus(conf);
      int executors = ceil(cores, conf.getInt(EXECUTOR_CORES, 1));
      dynamic(spark, Math.min(executors, mostExecutors(spark)), cores);
    }
    return asked;
  }

  /**
   * Task slots of the cluster: cores over {@code spark.task.cpus}. Waits for the executors that the
   * configuration promises ({@code local-cluster[n,..]}, {@code spark.executor.instances}, {@code
   * spark.cores.max}), or else until there is one and their number has settled, and at most {@code
   * spark.scheduler.maxRegisteredResourcesWaitingTime} (Spark's default: 30 s); then takes what is
   * there. Under dynamic allocation the promise is {@code spark.dynamicAllocation.maxExecutors} or,
   * where there is no such end, those that it starts with, one at least; they are asked for.
   *
   * @throws RetryableException if no executor has come by then
   */
  public static int count(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    if (isDynamic(spark)) {
      int most = mostExecutors(spark);
      int wanted = most < Integer.MAX_VALUE ? most : firstExecutors(conf);
      return slots(dynamic(spark, wanted, conf.getInt(MOST_CORES, Integer.MAX_VALUE)), conf);
    }
    OptionalInt local = localCores(spark.master());
    if (local.isPresent()) {
      return slots(local.getAsInt(), conf);
    }
    OptionalInt expected = expectedCores(spark.master(), conf);
    return slots(
        await(
            spark,
            executors ->
                expected.isPresent()
                    ? cores(executors) >= expected.getAsInt()
                    : cores(executors) > 0 && sinceTheLastCame(executors) >= SETTLED.toMillis()),
        conf);
  }

  /**
   * The task slots that work of no fixed width has: {@link #count}, and under dynamic allocation
   * those of the executors that it starts with, one at least; Spark asks for more by itself as
   * tasks pile up.
   *
   * @throws RetryableException if no executor comes in time
   */
  public static int slots(JavaSparkContext spark) {
    return isDynamic(spark)
        ? slots(dynamic(spark, firstExecutors(spark.getConf()), Integer.MAX_VALUE), spark.getConf())
        : count(spark);
  }

  /**
   * Asks for executors until there are so many of them, or of their cores. More than once, since
   * Spark takes back what the tasks that wait do not call for.
   */
  private static int dynamic(JavaSparkContext spark, int executors, int cores) {
    long[] next = {System.nanoTime()};
    return await(
        spark,
        there -> {
          boolean enough = there.size() >= executors || cores(there) >= cores;
          if (!enough && System.nanoTime() >= next[0]) {
            spark.sc().requestTotalExecutors(executors, 0, Map$.MODULE$.empty());
            next[0] = System.nanoTime() + ASK_AGAIN.toNanos();
          }
          return enough;
        });
  }

  private static boolean isDynamic(JavaSparkContext spark) {
    return spark.getConf().getBoolean(DYNAMIC + "enabled", false)
        && localCores(spark.master()).isEmpty();
  }

  private static int mostExecutors(JavaSparkContext spark) {
    Matcher matcher = LOCAL_CLUSTER.matcher(spark.master());
    int there = matcher.matches() ? Integer.parseInt(matcher.group(1)) : Integer.MAX_VALUE;
    return Math.min(there, spark.getConf().getInt(DYNAMIC + "maxExecutors", Integer.MAX_VALUE));
  }

  /** With how many executors dynamic allocation starts, one at least. */
  private static int firstExecutors(SparkConf conf) {
    return IntStream.of(
            1,
            conf.getInt(DYNAMIC + "minExecutors", 0),
            conf.getInt(DYNAMIC + "initialExecutors", 0),
            conf.getInt("spark.executor.instances", 0))
        .max()
        .orElseThrow();
  }

  private static int slots(int cores, SparkConf conf) {
    return Math.max(1, cores / cpus(conf));
  }

  private static int cpus(SparkConf conf) {
    return conf.getInt("spark.task.cpus", 1);
  }

  private static int ceil(int a, int b) {
    return (a + b - 1) / b;
  }

  private static int cores(List<ExecutorSummary> executors) {
    return executors.stream().mapToInt(ExecutorSummary::totalCores).sum();
  }

  /** The cores that there are once it is complete, or the time is over. */
  private static int await(JavaSparkContext spark, Predicate<List<ExecutorSummary>> complete) {
    long limit =
        spark.getConf().getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    long began = System.nanoTime();
    while (true) {
      List<ExecutorSummary> executors = executors(spark);
      if (complete.test(executors)) {
        return cores(executors);
      }
      if ((System.nanoTime() - began) / 1_000_000 >= limit) {
        if (executors.isEmpty()) {
          throw new RetryableException(
              "No executor of %s came within %d s; is the cluster up, and has it free cores?"
                  .formatted(spark.master(), limit / 1000));
        }
        return cores(executors);
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
  public static OptionalInt localCores(String master) {
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
  public static OptionalInt expectedCores(String master, SparkConf conf) {
    Matcher matcher = LOCAL_CLUSTER.matcher(master);
    if (matcher.matches()) {
      return OptionalInt.of(
          Integer.parseInt(matcher.group(1)) * Integer.parseInt(matcher.group(2)));
    }
    if (conf.contains(MOST_CORES)) {
      return OptionalInt.of(conf.getInt(MOST_CORES, 0));
    }
    if (conf.contains("spark.executor.instances")) {
      return OptionalInt.of(
          conf.getInt("spark.executor.instances", 0) * conf.getInt(EXECUTOR_CORES, 1));
    }
    return OptionalInt.empty();
  }

  /** The executors that have registered, from the listener that feeds Spark's REST API. */
  public static List<ExecutorSummary> executors(JavaSparkContext spark) {
    return JavaConverters.seqAsJavaListConverter(spark.sc().statusStore().executorList(true))
        .asJava()
        .stream()
        .filter(executor -> !executor.id().equals("driver"))
        .toList();
  }
}
