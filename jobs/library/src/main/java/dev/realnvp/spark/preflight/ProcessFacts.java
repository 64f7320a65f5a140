package dev.realnvp.spark.preflight;

import com.sun.management.OperatingSystemMXBean;
import dev.realnvp.engine.Gemm;
import dev.realnvp.spark.storage.Location;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.net.NetUtils;
import org.apache.spark.SparkEnv;
import org.apache.spark.package$;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;
import scala.util.Properties$;

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

  /**
   * The versions of a process.
   *
   * @param java the feature release, such as 17
   * @param spark such as 3.5.9
   * @param scala such as 2.12.18
   */
  record Software(int java, String spark, String scala) implements Serializable {

    /** The versions of this process. */
    static Software here() {
      return new Software(
          Runtime.version().feature(),
          package$.MODULE$.SPARK_VERSION(),
          Properties$.MODULE$.versionNumberString());
    }
  }

  /**
   * The result of checking a process's matrix products.
   *
   * @param detail the kernels, and what is wrong
   */
  record Products(State state, String detail) implements Serializable {

    /** The verdicts, from good to bad. */
    enum State {
      RIGHT,
      /** Correct and slow, because netlib's binding has no native code here. */
      PLAIN_JAVA,
      WRONG,
      NOT_LOADED
    }

    /** Loads this process's native libraries; its products are compared with plain loops then. */
    static Products here() {
      try {
        String kernels = Gemm.kernels() + " kernels";
        Loader.load(Nd4jCpu.class);
        if (Gemm.fault() != null) {
          return new Products(State.WRONG, kernels + ", " + Gemm.fault());
        }
        return new Products(Gemm.isNative() ? State.RIGHT : State.PLAIN_JAVA, kernels);
      } catch (LinkageError | RuntimeException e) {
        return new Products(State.NOT_LOADED, Finding.reason(e));
      }
    }
  }

  /**
   * The memory limits of a process, and the available memory, in bytes.
   *
   * @param heap the limit of the JVM's heap
   * @param offHeap JavaCPP's limit on arrays outside of it ({@code org.bytedeco.javacpp.maxbytes});
   *     0 is none
   * @param total the container's memory, or the machine's without a container
   */
  record MemoryLimits(long heap, long offHeap, long total) implements Serializable {

    /** The memory of this process. The JVM knows a container's limit from its control group. */
    static MemoryLimits here() {
      OperatingSystemMXBean system =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      return new MemoryLimits(
          Runtime.getRuntime().maxMemory(), Pointer.maxBytes(), system.getTotalMemorySize());
    }
  }

  /**
   * A folder and the free space on its disk.
   *
   * @param free in bytes
   * @param disk the same for folders that share this space
   */
  record FreeSpace(String folder, long free, String disk) implements Serializable {

    FreeSpace(String folder, long free) {
      this(folder, free, folder);
    }

    /** The free space of a folder on any file system; unlimited on an object store. */
    static FreeSpace of(Location folder) throws IOException {
      // Hadoop also counts the space that a local disk reserves for the superuser.
      long free =
          folder.path().toUri().getScheme().equals("file")
              ? new File(folder.path().toUri()).getUsableSpace()
              : folder.fileSystem().getStatus(folder.path()).getRemaining();
      return new FreeSpace(folder.display(), free);
    }

    /** Spark's local folders of this process, for shuffles, spilled rows and broadcasts. */
    static List<FreeSpace> ofSparkHere() {
      return Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
          .map(folder -> new FreeSpace(configured(folder), folder.getUsableSpace(), disk(folder)))
          .toList();
    }

    static String disk(File folder) {
      try {
        return "device " + Files.getAttribute(folder.toPath(), "unix:dev");
      } catch (IOException | RuntimeException e) {
        return folder.toString();
      }
    }

    /** The folder in the settings, in which Spark creates folders with changing names. */
    private static String configured(File folder) {
      Path path = folder.toPath().toAbsolutePath().getParent();
      while (path.getFileName() != null
          && path.getFileName().toString().matches("(spark|executor)-[0-9a-f-]{36}")) {
        path = path.getParent();
      }
      return path.toString();
    }
  }
}
