package dev.realnvp.spark.preflight;

import com.sun.management.OperatingSystemMXBean;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import org.bytedeco.javacpp.Pointer;

/**
 * What a process may take, and what there is, in bytes.
 *
 * @param heap the limit of the JVM's heap
 * @param offHeap JavaCPP's limit on arrays outside of it ({@code org.bytedeco.javacpp.maxbytes}); 0
 *     is none
 * @param total the container's memory, or the machine's where it has no container
 */
record Memory(long heap, long offHeap, long total) implements Serializable {

  /** This process's. The JVM knows a container's limit by its control group. */
  static Memory here() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Memory(
        Runtime.getRuntime().maxMemory(), Pointer.maxBytes(), system.getTotalMemorySize());
  }
}
