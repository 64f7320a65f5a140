package dev.realnvp.spark.preflight;

import java.util.List;

/** Facts of a process with which nothing is wrong, to be made worse one by one. */
record Facts(
    String id,
    ProcessFacts.Software software,
    ProcessFacts.Products products,
    String threads,
    ProcessFacts.MemoryLimits memory) {

  static final long GB = 1L << 30;

  static Facts good(String id) {
    return new Facts(
        id,
        new ProcessFacts.Software(17, "3.5.9", "2.12.18"),
        new ProcessFacts.Products(ProcessFacts.Products.State.RIGHT, "Zen kernels"),
        "1",
        new ProcessFacts.MemoryLimits(2 * GB, GB, 16 * GB));
  }

  Facts with(ProcessFacts.Software changed) {
    return new Facts(id, changed, products, threads, memory);
  }

  Facts with(ProcessFacts.Products changed) {
    return new Facts(id, software, changed, threads, memory);
  }

  Facts withThreads(String changed) {
    return new Facts(id, software, products, changed, memory);
  }

  Facts with(ProcessFacts.MemoryLimits changed) {
    return new Facts(id, software, products, threads, changed);
  }

  ProcessFacts on(String host, ProcessFacts.FreeSpace... local) {
    return new ProcessFacts(id, host, software, products, threads, memory, List.of(local));
  }
}
