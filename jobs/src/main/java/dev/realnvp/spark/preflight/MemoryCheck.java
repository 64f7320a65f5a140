package dev.realnvp.spark.preflight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;

/**
 * Compares heaps, and the limits on arrays outside of them, with the memory of the container or
 * machine. If they exceed it, the kernel or the cluster may kill the process.
 */
final class MemoryCheck {

  private static final String SUBJECT = "memory";

  /** Spark's own default, if the settings say nothing. */
  private static final long LEAST_OVERHEAD_MB = 384;

  private static final double OVERHEAD_FACTOR = 0.1;

  private static final String EXECUTOR_MEMORY = "1g";

  private record Container(String host, long memory) {}

  private MemoryCheck() {}

  /** A finding for each container: processes of a host that see the same memory share it. */
  static List<Finding> of(List<ProcessFacts> processes) {
    Map<Container, List<ProcessFacts>> containers = new LinkedHashMap<>();
    for (ProcessFacts process : processes) {
      containers
          .computeIfAbsent(
              new Container(process.host(), process.memory().total()), c -> new ArrayList<>())
          .add(process);
    }
    return containers.entrySet().stream()
        .map(entry -> of(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static Finding of(Container container, List<ProcessFacts> processes) {
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
      return Finding.error(SUBJECT, got + ": lower --driver-memory or --executor-memory");
    }
    if (unlimited) {
      return Finding.warning(
          SUBJECT, got + ": set -Dorg.bytedeco.javacpp.maxbytes in spark.*.defaultJavaOptions");
    }
    if (heap + offHeap > container.memory()) {
      return Finding.warning(
          SUBJECT,
          got
              + ": lower --driver-memory, --executor-memory, or org.bytedeco.javacpp.maxbytes in"
              + " spark.*.defaultJavaOptions");
    }
    return Finding.ok(SUBJECT, got);
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
        SUBJECT,
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
