package dev.realnvp.spark.preflight;

import dev.realnvp.engine.arrays.Gemm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.util.StringUtils.TraditionalBinaryPrefix;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.bytedeco.javacpp.Loader;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/** The checks of a process: what it runs on, and what it is set to. */
final class Checks {

  static final String PRODUCTS = "products";

  /** What to change if executors crash, or multiply wrongly. */
  static final String EXECUTORS_KERNELS =
      "choose other kernels, for example --conf spark.executorEnv.OPENBLAS_CORETYPE=Haswell";

  private static final String DRIVERS_KERNELS =
      "choose other kernels, for example OPENBLAS_CORETYPE=Haswell in the environment";

  private static final int OLDEST_JAVA = 17;
  private static final String THREADS = "threads";
  private static final String SERIALIZER = "spark.serializer";
  private static final String MEMORY = "memory";

  /** Spark's own default, if the settings say nothing. */
  private static final long LEAST_OVERHEAD_MB = 384;

  private static final double OVERHEAD_FACTOR = 0.1;

  private Checks() {}

  /** Java, Spark and Scala have versions that work together, and with this build. */
  static Finding software(Build build, int java, String spark, String scala) {
    String got = "Java %d, Spark %s, Scala %s".formatted(java, spark, scala);
    List<String> remedies = new ArrayList<>();
    int newestJava = Build.newestJava(spark);
    if (java < OLDEST_JAVA || java > newestJava) {
      remedies.add("use Java %d to %d (JAVA_HOME)".formatted(OLDEST_JAVA, newestJava));
    }
    if (!build.runsOn(spark, scala)) {
      remedies.add(
          Stream.of(Build.values())
              .filter(other -> other.runsOn(spark, scala))
              .map(
                  other ->
                      "use the jar %s, since this one is for %s"
                          .formatted(other.artifact(), build.spark()))
              .findFirst()
              .orElse("use %s (SPARK_HOME)".formatted(build.spark())));
    }
    return remedies.isEmpty()
        ? Finding.ok("software", got)
        : Finding.error("software", got, String.join(", and ", remedies));
  }

  /** Products use one thread, because the workers already use all cores. */
  static Finding threads(String threads, boolean driver) {
    String got = "OMP_NUM_THREADS is " + threads;
    return "1".equals(threads)
        ? Finding.ok(THREADS, got)
        : Finding.warning(
            THREADS,
            got,
            "the workers already use all cores, so leave it out, or set it to 1, "
                + (driver
                    ? "in the environment"
                    : "with --conf spark.executorEnv.OMP_NUM_THREADS=1"));
  }

  /**
   * Loads this process's native libraries; its products are compared with plain loops then.
   *
   * @return an error if they do not load, or multiply wrongly
   */
  static Finding products(boolean driver) {
    try {
      String kernels = Gemm.kernels() + " kernels";
      Loader.load(Nd4jCpu.class);
      return products(kernels, Gemm.fault(), Gemm.isNative(), driver);
    } catch (LinkageError | RuntimeException e) {
      return Finding.error(
          PRODUCTS,
          "the native library does not load (" + Finding.reason(e) + ")",
          "build for this platform (mvn package), and let java.io.tmpdir and ~/.javacpp be"
              + " writable and executable");
    }
  }

  static Finding products(String kernels, String fault, boolean isNative, boolean driver) {
    if (fault != null) {
      return Finding.error(
          PRODUCTS,
          "OpenBLAS computes wrong products (%s, %s)".formatted(kernels, fault),
          driver ? DRIVERS_KERNELS : EXECUTORS_KERNELS);
    }
    return isNative
        ? Finding.ok(PRODUCTS, "OpenBLAS loads and multiplies right with its " + kernels)
        : Finding.warning(
            PRODUCTS,
            "netlib has no native code for this platform, so that products are plain Java's",
            "expect them to be many times slower");
  }

  /**
   * Java's serialization is used: without registrators Kryo can write neither ND4J's arrays nor the
   * records in tasks.
   */
  static Finding serializer(SparkConf conf) {
    String expected = JavaSerializer.class.getName();
    String got = conf.get(SERIALIZER, expected);
    return got.equals(expected)
        ? Finding.ok("serializer", got)
        : Finding.error(
            "serializer", SERIALIZER + " is " + got, "only " + expected + " works, set it to that");
  }

  /** Spark encrypts what it spills, but the workers' rows are mapped as they lie. */
  static List<Finding> encryption(SparkConf conf) {
    return conf.getBoolean("spark.io.encryption.enabled", false)
        ? List.of(
            Finding.warning(
                "encryption",
                "while training, the rows lie unencrypted in Spark's local folders, in spite of"
                    + " spark.io.encryption.enabled",
                "encrypt those disks"))
        : List.of();
  }

  /**
   * Compares heaps, and the limits on arrays outside of them, with the memory of the container or
   * machine. If they exceed it, the kernel or the cluster may kill the process.
   *
   * @return a finding for each container: processes of a host that see the same memory share it.
   */
  static List<Finding> memory(List<ProcessFacts> processes) {
    Map<List<Object>, List<ProcessFacts>> containers = new LinkedHashMap<>();
    for (ProcessFacts process : processes) {
      containers
          .computeIfAbsent(List.of(process.host(), process.memory()), c -> new ArrayList<>())
          .add(process);
    }
    return containers.values().stream().map(Checks::memoryOfOne).toList();
  }

  private static Finding memoryOfOne(List<ProcessFacts> processes) {
    long heap = processes.stream().mapToLong(ProcessFacts::heap).sum();
    long offHeap = processes.stream().mapToLong(ProcessFacts::offHeap).sum();
    long memory = processes.get(0).memory();
    boolean unlimited = processes.stream().anyMatch(process -> process.offHeap() == 0);
    String got =
        "%s may take %s of heap and %s off it, of %s on %s"
            .formatted(
                ProcessFacts.names(processes),
                size(heap),
                unlimited ? "as much as they like" : size(offHeap),
                size(memory),
                processes.get(0).host());
    if (heap > memory) {
      return Finding.error(MEMORY, got, "lower --driver-memory or --executor-memory");
    }
    if (unlimited) {
      return Finding.warning(
          MEMORY, got, "set -Dorg.bytedeco.javacpp.maxbytes in spark.*.defaultJavaOptions");
    }
    return heap + offHeap <= memory
        ? Finding.ok(MEMORY, got)
        : Finding.warning(
            MEMORY,
            got,
            "lower --driver-memory, --executor-memory, or org.bytedeco.javacpp.maxbytes in"
                + " spark.*.defaultJavaOptions");
  }

  /**
   * YARN and Kubernetes kill an executor that takes more memory beside its heap than its overhead.
   */
  static List<Finding> overhead(SparkConf conf, List<ProcessFacts> processes) {
    String master = conf.get("spark.master");
    List<ProcessFacts> executors =
        processes.stream().filter(process -> !process.isDriver()).toList();
    if (!master.startsWith("yarn") && !master.startsWith("k8s") || executors.isEmpty()) {
      return List.of();
    }
    double share =
        conf.getDouble("spark.executor.memoryOverheadFactor", OVERHEAD_FACTOR)
            * conf.getSizeAsMb("spark.executor.memory", "1g");
    long usual = Math.max(LEAST_OVERHEAD_MB, (long) share);
    long overhead = conf.getSizeAsMb("spark.executor.memoryOverhead", usual + "m") << 20;
    long offHeap = executors.stream().mapToLong(ProcessFacts::offHeap).max().orElseThrow();
    String got =
        "%s off the heap may be taken, of %s in spark.executor.memoryOverhead, on %s"
            .formatted(size(offHeap), size(overhead), ProcessFacts.names(executors));
    return List.of(
        offHeap <= overhead
            ? Finding.ok(MEMORY, got)
            : Finding.warning(
                MEMORY,
                got,
                "raise that, or lower org.bytedeco.javacpp.maxbytes in"
                    + " spark.executor.defaultJavaOptions"));
  }

  /** {@code 1.5 GB} for 1.5 times 2^30 bytes. */
  static String size(long bytes) {
    return TraditionalBinaryPrefix.long2String(bytes, "B", 1);
  }
}
