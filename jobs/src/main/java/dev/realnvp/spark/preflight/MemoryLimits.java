package dev.realnvp.spark.preflight;

import com.sun.management.OperatingSystemMXBean;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import org.bytedeco.javacpp.Pointer;

/**
 * The memory limits of a process, and the available memory, in bytes.
 *
 * @param heap the limit of the JVM's heap
 * @param offHeap JavaCPP's limit on arrays outside of it ({@code org.bytedeco.javacpp.maxbytes}); 0
 *     is none
 * @param total the container's memory, or the machine's without a container
 */
record MemoryLimits(long heap, long offHeap, long total) implements Serializable {

  /** The memory of this process. The JVM knows a container's limit from its control group. */
  static MemoryLimits here() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new MemoryLimits(
        Runtime.getRuntime().maxMemory(), Pointer.maxBytes(), system.getTotalMemorySize());
  }
}
