package dev.realnvp.spark.training.rows;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The order of a worker's rows in an epoch, window by window ({@link Shard.Extent}): a pure
 * function of seed, epoch, partition and extent, so that a task that runs again, wherever it does,
 * takes the same rows. Holds the order of one window at a time.
 */
public final class EpochOrder {

  private final Shard.Extent extent;
  private final long seed;
  private final int epoch;

  /** Blocks in the order of the windows; those of a window are sorted. */
  private final int[] blocks;

  /** The window that has the last block, which may be a short one. */
  private final int shortWindow;

  private final boolean shuffled;
  private volatile Window current;

  private EpochOrder(Shard.Extent extent, long seed, int epoch, boolean shuffled) {
    this.extent = extent;
    this.seed = seed;
    this.epoch = epoch;
    this.shuffled = shuffled;
    int count = extent.blocks();
    this.blocks =
        shuffled && extent.windows() > 1
            ? permutation(new SplittableRandom(seed), count)
            : permutation(null, count);
    int last = 0;
    for (int at = 0; at < count; at += Math.min(extent.windowBlocks(), count - at)) {
      int end = Math.min(at + extent.windowBlocks(), count);
      Arrays.sort(blocks, at, end);
      last = blocks[end - 1] == count - 1 ? at / extent.windowBlocks() : last;
    }
    this.shortWindow = last;
  }

  /**
   * A random order.
   *
   * @param seed of the training
   * @param partition the worker's
   */
  public static EpochOrder random(long seed, int epoch, int partition, Shard.Extent extent) {
    return new EpochOrder(extent, Minibatches.mix(seed, epoch, partition), epoch, true);
  }

  /** The rows as they lie. */
  public static EpochOrder inPlace(Shard.Extent extent) {
    return new EpochOrder(extent, 0, 0, false);
  }

  public boolean is(int otherEpoch, Shard.Extent otherExtent) {
    return epoch == otherEpoch && extent.equals(otherExtent);
  }

  /**
   * The rows at some places of the order.
   *
   * @param shard of this order's extent; each of its blocks is verified before it is used
   * @param from the first place
   * @param to the end of the places
   */
  public long[] rows(Shard shard, long from, long to) {
    long[] rows = new long[Math.toIntExact(to - from)];
    for (long at = from; at < to; ) {
      Window window = window(shard, at);
      long end = Math.min(to, window.end);
      for (; at < end; at++) {
        rows[(int) (at - from)] = window.row((int) (at - window.begin));
      }
    }
    return rows;
  }

  private Window window(Shard shard, long place) {
    Window known = current;
    if (known == null || place < known.begin || place >= known.end) {
      // Two of them would take twice the memory.
      current = null;
      known = new Window(index(place));
      for (int i = known.firstBlock; i < known.endBlock; i++) {
        shard.verify(blocks[i]);
      }
      current = known;
    }
    return known;
  }

  private int index(long place) {
    int index = (int) (place / ((long) extent.blockRows() * extent.windowBlocks()));
    return place < begin(index + 1) ? index : index + 1;
  }

  /** The place of a window's first row. */
  private long begin(int window) {
    long full = (long) window * extent.windowBlocks() * extent.blockRows();
    long missing = (long) extent.blocks() * extent.blockRows() - extent.rows();
    return Math.min(extent.rows(), window > shortWindow ? full - missing : full);
  }

  /** A permutation of {@code 0 .. size - 1} (Fisher-Yates); in order if nothing is random. */
  private static int[] permutation(SplittableRandom random, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random == null ? i : random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Some blocks, and the order of their rows. */
  private final class Window {
    final long begin;
    final long end;
    final int firstBlock;
    final int endBlock;

    /** Places in the blocks, one after the other; null if the rows stay as they lie. */
    private final int[] order;

    Window(int index) {
      begin = begin(index);
      end = begin(index + 1);
      firstBlock = index * extent.windowBlocks();
      endBlock = (int) Math.min(extent.blocks(), (long) firstBlock + extent.windowBlocks());
      order = shuffled ? permutation(random(index), (int) (end - begin)) : null;
    }

    /** That of a single window is the epoch's. */
    private SplittableRandom random(int index) {
      return new SplittableRandom(extent.windows() == 1 ? seed : Minibatches.mix(seed, index, 1));
    }

    long row(int place) {
      int at = order == null ? place : order[place];
      return (long) blocks[firstBlock + at / extent.blockRows()] * extent.blockRows()
          + at % extent.blockRows();
    }
  }
}
