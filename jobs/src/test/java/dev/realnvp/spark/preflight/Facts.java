package dev.realnvp.spark.preflight;

import java.util.List;

/** Facts of a process with which nothing is wrong, to be made worse one by one. */
record Facts(String id, Software software, Products products, String threads, MemoryLimits memory) {

  static final long GB = 1L << 30;

  static Facts good(String id) {
    return new Facts(
        id,
        new Software(17, "3.5.9", "2.12.18"),
        new Products(Products.State.RIGHT, "Zen kernels"),
        "1",
        new MemoryLimits(2 * GB, GB, 16 * GB));
  }

  Facts with(Software changed) {
    return new Facts(id, changed, products, threads, memory);
  }

  Facts with(Products changed) {
    return new Facts(id, software, changed, threads, memory);
  }

  Facts withThreads(String changed) {
    return new Facts(id, software, products, changed, memory);
  }

  Facts with(MemoryLimits changed) {
    return new Facts(id, software, products, threads, changed);
  }

  ProcessFacts on(String host, FreeSpace... local) {
    return new ProcessFacts(id, host, software, products, threads, memory, List.of(local));
  }
}
