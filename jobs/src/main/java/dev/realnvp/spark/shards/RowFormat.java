package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.Shard;
import java.io.Serializable;

/**
 * How rows lie in a {@link RowFile}: all of the same length, in blocks of about a megabyte.
 *
 * @param rowBytes of a row, at least 1
 * @param windowBytes the memory that a shuffle window may take, page cache included, at least 1
 */
record RowFormat(int rowBytes, long windowBytes) implements Serializable {

  private static final int BLOCK_BYTES = 1 << 20;

  /** Refuses rows of no length. */
  RowFormat {
    if (rowBytes < 1 || windowBytes < 1) {
      throw new IllegalArgumentException(
          "Cannot lay out rows of %d bytes in windows of %d".formatted(rowBytes, windowBytes));
    }
  }

  /** Rows of a block; one if it is larger than a block should be. */
  int blockRows() {
    return Math.max(1, BLOCK_BYTES / rowBytes);
  }

  int blockBytes() {
    return blockRows() * rowBytes;
  }

  /** So many rows, in windows that fit; a row costs its bytes, and its place in the order. */
  Shard.Extent extent(long rows) {
    long blocks = windowBytes / (blockRows() * ((long) rowBytes + Integer.BYTES));
    int most = Integer.MAX_VALUE / blockRows();
    return new Shard.Extent(rows, blockRows(), (int) Math.max(1, Math.min(most, blocks)));
  }
}
