package dev.realnvp.spark.preflight;

import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.net.NetUtils;
import org.apache.spark.SparkEnv;

/**
 * Facts about a process, the driver or an executor.
 *
 * @param id the executor's, {@value #DRIVER} for the driver
 * @param host the machine it is on, by its own name
 * @param threads OMP_NUM_THREADS, which is 1 unless the user has set it
 */
record ProcessFacts(
    String id,
    String host,
    Software software,
    Products products,
    String threads,
    MemoryLimits memory,
    List<FreeSpace> local)
    implements Serializable {

  /** Spark's id of the driver. */
  static final String DRIVER = "driver";

  /** The facts about this process. */
  static ProcessFacts here() {
    return new ProcessFacts(
        SparkEnv.get().executorId(),
        NetUtils.getLocalHostname(),
        Software.here(),
        Products.here(),
        System.getenv().getOrDefault("OMP_NUM_THREADS", "1"),
        MemoryLimits.here(),
        FreeSpace.ofSparkHere());
  }

  boolean isDriver() {
    return id.equals(DRIVER);
  }
}
