package dev.realnvp.spark.preflight;

import com.sun.management.OperatingSystemMXBean;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.net.NetUtils;
import org.apache.spark.SparkEnv;
import org.apache.spark.package$;
import org.bytedeco.javacpp.Pointer;
import scala.util.Properties$;

/**
 * A process, the driver or an executor, and what it has found about itself. Sizes are in bytes.
 *
 * @param id the executor's, {@value #DRIVER} for the driver
 * @param host the machine it is on, by its own name
 * @param heap the limit of the JVM's heap
 * @param offHeap JavaCPP's limit on arrays outside of it ({@code org.bytedeco.javacpp.maxbytes}); 0
 *     is none
 * @param memory the container's, or the machine's without a container
 * @param findings about its software, native library, threads and disks
 */
record ProcessFacts(
    String id, String host, long heap, long offHeap, long memory, List<Finding> findings)
    implements Serializable {

  private static final String DRIVER = "driver";

  /** More executors than this are only counted. */
  private static final int NAMED = 4;

  static ProcessFacts here() {
    String id = SparkEnv.get().executorId();
    List<Finding> findings = new ArrayList<>();
    findings.add(software());
    findings.add(Checks.products(id.equals(DRIVER)));
    findings.add(
        Checks.threads(System.getenv().getOrDefault("OMP_NUM_THREADS", "1"), id.equals(DRIVER)));
    LocalDiskSpace.Folder.ofSparkHere().stream()
        .map(folder -> Places.room(folder, "name another spark.local.dir, or make room"))
        .distinct()
        .forEach(findings::add);
    // The JVM knows a container's limit from its control group.
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new ProcessFacts(
        id,
        NetUtils.getLocalHostname(),
        Runtime.getRuntime().maxMemory(),
        Pointer.maxBytes(),
        system.getTotalMemorySize(),
        findings);
  }

  static Finding software() {
    return Checks.software(
        Build.here(),
        Runtime.version().feature(),
        package$.MODULE$.SPARK_VERSION(),
        Properties$.MODULE$.versionNumberString());
  }

  boolean isDriver() {
    return id.equals(DRIVER);
  }

  /** All findings on a subject, with all processes that have the same one. */
  static List<Finding> findings(String subject, List<ProcessFacts> processes) {
    Map<Finding, List<ProcessFacts>> same = new LinkedHashMap<>();
    for (ProcessFacts process : processes) {
      process.findings.stream()
          .filter(finding -> finding.subject().equals(subject))
          .forEach(finding -> same.computeIfAbsent(finding, f -> new ArrayList<>()).add(process));
    }
    return same.entrySet().stream()
        .map(entry -> entry.getKey().on(names(entry.getValue())))
        .toList();
  }

  /** {@code the driver and executors 0, 1}. */
  static String names(List<ProcessFacts> processes) {
    List<String> names = new ArrayList<>();
    if (processes.stream().anyMatch(ProcessFacts::isDriver)) {
      names.add("the driver");
    }
    List<ProcessFacts> executors = processes.stream().filter(p -> !p.isDriver()).toList();
    if (executors.size() == 1) {
      names.add("executor %s (%s)".formatted(executors.get(0).id, executors.get(0).host));
    } else if (!executors.isEmpty()) {
      String first =
          executors.stream().limit(NAMED).map(ProcessFacts::id).collect(Collectors.joining(", "));
      int more = executors.size() - NAMED;
      names.add("executors " + first + (more > 0 ? " and %d more".formatted(more) : ""));
    }
    return String.join(" and ", names);
  }
}
