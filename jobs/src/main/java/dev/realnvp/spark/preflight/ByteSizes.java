package dev.realnvp.spark.preflight;

import org.apache.hadoop.util.StringUtils.TraditionalBinaryPrefix;

/** Wording of sizes. */
final class ByteSizes {

  private ByteSizes() {}

  /** {@code 1.5 GB} for 1.5 times 2^30 bytes. */
  static String of(long bytes) {
    return TraditionalBinaryPrefix.long2String(bytes, "B", 1);
  }
}
