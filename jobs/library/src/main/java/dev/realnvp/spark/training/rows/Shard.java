package dev.realnvp.spark.training.rows;

import dev.realnvp.engine.Batch;
import java.io.Serializable;
import org.nd4j.linalg.dataset.DataSet;

/** The training rows of one worker, for the time of a task. May hold no row at all. */
public interface Shard {

  /**
   * How many rows there are, and in which parts they are shuffled.
   *
   * <p>An epoch takes the rows window by window: a window is some blocks, drawn at random, in which
   * the order is random too. So only a window's rows need be in memory at a time. If all blocks are
   * one window, the order is a random one of all rows.
   *
   * @param rows their number; the last block may be shorter
   * @param blockRows rows of a block, at least 1
   * @param windowBlocks blocks of a window, at least 1; their rows are at most {@link
   *     Integer#MAX_VALUE}
   */
  record Extent(long rows, int blockRows, int windowBlocks) implements Serializable {

    /** Refuses windows whose rows no array can count. */
    public Extent {
      if (rows < 0 || blockRows < 1 || windowBlocks < 1) {
        throw new IllegalArgumentException(
            "Cannot order %d rows in windows of %d blocks of %d"
                .formatted(rows, windowBlocks, blockRows));
      }
      Math.multiplyExact(blockRows, windowBlocks);
    }

    /** Rows that are one window, as those of an array are. */
    public static Extent whole(int rows) {
      return new Extent(rows, Math.max(rows, 1), 1);
    }

    public int blocks() {
      return Math.toIntExact((rows + blockRows - 1) / blockRows);
    }

    public int windows() {
      return (int) (((long) blocks() + windowBlocks - 1) / windowBlocks);
    }
  }

  /** How many rows there are, and in which parts they are shuffled. */
  Extent extent();

  default long size() {
    return extent().rows();
  }

  /**
   * Checks that a block's rows are still those that were written, before they are used. This also
   * reads them into memory one after the other, which a disk can do faster than in random order.
   *
   * @throws RuntimeException if they are damaged; the shard is then made again for the next attempt
   */
  default void verify(int block) {}

  /**
   * The given rows as one minibatch: a pure function of the arguments and of the state of ND4J's
   * generator of the thread, since a failed task is run again.
   *
   * @param rows indices from 0 up to {@link #size()}, in the order that the minibatch takes
   * @return new arrays, which the caller may change
   */
  DataSet batch(long[] rows);

  /**
   * The same for the engine: fills the inputs of a batch, and its context where there is one.
   *
   * @param rows as in {@link #batch}
   * @param batch of as many rows
   */
  void fill(long[] rows, Batch batch);
}
