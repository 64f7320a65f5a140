package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;

/**
 * How rows lie in a {@link RowFile}: all of the same length, in blocks of some megabytes.
 *
 * @param rowBytes of a row, at least 1
 * @param windowBytes the memory that a shuffle window may take, page cache included, at least 1
 */
public record RowFormat(int rowBytes, long windowBytes) implements Serializable {

  /** Blocks of a window, if these are large enough. */
  private static final int WINDOW_BLOCKS = 32;

  /**
   * A row that is not in memory is read with its surroundings, megabytes of them on some machines.
   * A block is larger than that, so that what comes along is wanted too; beside small blocks it
   * would be rows of other windows, and drive out those of this one.
   */
  private static final int LARGEST_BLOCK = 16 << 20;

  /** Refuses rows of no length. */
  public RowFormat {
    if (rowBytes < 1 || windowBytes < 1) {
      throw new IllegalArgumentException(
          "Cannot lay out rows of %d bytes in windows of %d".formatted(rowBytes, windowBytes));
    }
  }

  /** Rows of so many bytes, in windows of so many megabytes. */
  public static RowFormat of(int rowBytes, int windowMegabytes) {
    return new RowFormat(rowBytes, (long) windowMegabytes << 20);
  }

  /** Rows of a block; one if it is larger than a block should be. */
  int blockRows() {
    return (int) Math.max(1, Math.min(LARGEST_BLOCK, windowBytes / WINDOW_BLOCKS) / rowBytes);
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
