package dev.realnvp.spark.preflight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;

/** The checks of a process: what it runs on, and what it is set to. */
final class Checks {

  private static final int OLDEST_JAVA = 17;

  /** What to change if executors crash, or multiply wrongly. */
  static final String EXECUTORS_KERNELS =
      "choose other kernels, for example --conf spark.executorEnv.OPENBLAS_CORETYPE=Haswell";

  private static final String DRIVERS_KERNELS =
      "choose other kernels, for example OPENBLAS_CORETYPE=Haswell in the environment";
  private static final String SERIALIZER = "spark.serializer";
  private static final String EXPECTED = JavaSerializer.class.getName();

  private static final String MEMORY = "memory";

  /** Spark's own default, if the settings say nothing. */
  private static final long LEAST_OVERHEAD_MB = 384;

  private static final double OVERHEAD_FACTOR = 0.1;

  private static final String EXECUTOR_MEMORY = "1g";

  private record Container(String host, long memory) {}

  private Checks() {}

  /** Java, Spark and Scala have versions that work together, and with this build. */
  static Verdict software(Build build, ProcessFacts.Software software) {
    String got =
        "Java %d, Spark %s, Scala %s"
            .formatted(software.java(), software.spark(), software.scala());
    List<String> remedies = new ArrayList<>();
    int newestJava = Build.newestJava(software.spark());
    if (software.java() < OLDEST_JAVA || software.java() > newestJava) {
      remedies.add("use Java %d to %d (JAVA_HOME)".formatted(OLDEST_JAVA, newestJava));
    }
    if (!build.runsOn(software.spark(), software.scala())) {
      remedies.add(
          Stream.of(Build.values())
              .filter(other -> other.runsOn(software.spark(), software.scala()))
              .map(
                  other ->
                      "use the jar %s, since this one is for %s"
                          .formatted(other.artifact(), build.spark()))
              .findFirst()
              .orElse("use %s (SPARK_HOME)".formatted(build.spark())));
    }
    return remedies.isEmpty()
        ? Verdict.ok(got)
        : Verdict.error(got, String.join(", and ", remedies));
  }

  /** Products use one thread, because the workers already use all cores. */
  static Verdict threads(ProcessFacts process) {
    String got = "OMP_NUM_THREADS is " + process.threads();
    if ("1".equals(process.threads())) {
      return Verdict.ok(got);
    }
    return Verdict.warning(
        got,
        "the workers already use all cores, so leave it out, or set it to 1, "
            + (process.isDriver()
                ? "in the environment"
                : "with --conf spark.executorEnv.OMP_NUM_THREADS=1"));
  }

  /** The native library loads, and multiplies correctly. */
  static Verdict products(ProcessFacts process) {
    ProcessFacts.Products products = process.products();
    return switch (products.state()) {
      case RIGHT -> Verdict.ok("OpenBLAS loads and multiplies right with its " + products.detail());
      case PLAIN_JAVA ->
          Verdict.warning(
              "netlib has no native code for this platform, so that products are plain Java's",
              "expect them to be many times slower");
      case WRONG ->
          Verdict.error(
              "OpenBLAS computes wrong products (" + products.detail() + ")",
              process.isDriver() ? DRIVERS_KERNELS : EXECUTORS_KERNELS);
      case NOT_LOADED ->
          Verdict.error(
              "the native library does not load (" + products.detail() + ")",
              "build for this platform (mvn package), and let java.io.tmpdir and ~/.javacpp be"
                  + " writable and executable");
    };
  }

  /**
   * Java's serialization is used: without registrators Kryo can write neither ND4J's arrays nor the
   * records in tasks.
   */
  static Finding serializer(SparkConf conf) {
    String got = conf.get(SERIALIZER, EXPECTED);
    return got.equals(EXPECTED)
        ? Finding.ok("serializer", got)
        : Finding.error(
            "serializer",
            SERIALIZER + " is " + got + ": only " + EXPECTED + " works, set it to that");
  }

  /** Spark encrypts what it spills, but the workers' rows are mapped as they lie. */
  static List<Finding> encryption(SparkConf conf) {
    return conf.getBoolean("spark.io.encryption.enabled", false)
        ? List.of(
            Finding.warning(
                "encryption",
                "while training, the rows lie unencrypted in Spark's local folders, in spite of"
                    + " spark.io.encryption.enabled: encrypt those disks"))
        : List.of();
  }

  /**
   * Compares heaps, and the limits on arrays outside of them, with the memory of the container or
   * machine. If they exceed it, the kernel or the cluster may kill the process.
   *
   * @return a finding for each container: processes of a host that see the same memory share it.
   */
  static List<Finding> memory(List<ProcessFacts> processes) {
    Map<Container, List<ProcessFacts>> containers = new LinkedHashMap<>();
    for (ProcessFacts process : processes) {
      containers
          .computeIfAbsent(
              new Container(process.host(), process.memory().total()), c -> new ArrayList<>())
          .add(process);
    }
    return containers.entrySet().stream()
        .map(entry -> memory(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static Finding memory(Container container, List<ProcessFacts> processes) {
    long heap = processes.stream().mapToLong(process -> process.memory().heap()).sum();
    long offHeap = processes.stream().mapToLong(process -> process.memory().offHeap()).sum();
    boolean unlimited = processes.stream().anyMatch(process -> process.memory().offHeap() == 0);
    String got =
        "%s may take %s of heap and %s off it, of %s on %s"
            .formatted(
                Verdict.names(processes),
                Verdict.size(heap),
                unlimited ? "as much as they like" : Verdict.size(offHeap),
                Verdict.size(container.memory()),
                container.host());
    if (heap > container.memory()) {
      return Finding.error(MEMORY, got + ": lower --driver-memory or --executor-memory");
    }
    if (unlimited) {
      return Finding.warning(
          MEMORY, got + ": set -Dorg.bytedeco.javacpp.maxbytes in spark.*.defaultJavaOptions");
    }
    if (heap + offHeap > container.memory()) {
      return Finding.warning(
          MEMORY,
          got
              + ": lower --driver-memory, --executor-memory, or org.bytedeco.javacpp.maxbytes in"
              + " spark.*.defaultJavaOptions");
    }
    return Finding.ok(MEMORY, got);
  }

  /**
   * YARN and Kubernetes kill an executor that takes more memory beside its heap than its overhead.
   */
  static List<Finding> overhead(SparkConf conf, List<ProcessFacts> processes) {
    String master = conf.get("spark.master");
    if (!master.startsWith("yarn") && !master.startsWith("k8s")) {
      return List.of();
    }
    double share =
        conf.getDouble("spark.executor.memoryOverheadFactor", OVERHEAD_FACTOR)
            * conf.getSizeAsMb("spark.executor.memory", EXECUTOR_MEMORY);
    long usual = Math.max(LEAST_OVERHEAD_MB, (long) share);
    long overhead = conf.getSizeAsMb("spark.executor.memoryOverhead", usual + "m") << 20;
    return Verdict.findings(
        MEMORY,
        processes.stream().filter(process -> !process.isDriver()).toList(),
        process -> overhead(overhead, process.memory().offHeap()));
  }

  private static Verdict overhead(long overhead, long offHeap) {
    String got =
        "%s off the heap may be taken, of %s in spark.executor.memoryOverhead,"
            .formatted(Verdict.size(offHeap), Verdict.size(overhead));
    return offHeap <= overhead
        ? Verdict.ok(got)
        : Verdict.warning(
            got,
            "raise that, or lower org.bytedeco.javacpp.maxbytes in"
                + " spark.executor.defaultJavaOptions");
  }
}
