package dev.realnvp.spark.shards;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.spark.Partitioner;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;

/**
 * An order of rows that depends only on their content: by a 64-bit hash of their bytes, and by the
 * bytes if hashes are equal. Equal rows are interchangeable, so a table has one such order,
 * wherever its rows are stored and whoever reads them. Because the hash mixes well, neighbours have
 * nothing in common.
 *
 * <p>A key is the hash, the row's group and the row, so that keys are compared by their bytes. Each
 * group of rows has an order of its own.
 */
final class ContentOrder {

  private static final long SEED = 42;

  private ContentOrder() {}

  /** The bytes of a key before the row. */
  static final int KEY_BYTES = Long.BYTES + 1;

  /** The key of a packed row of a group. */
  static byte[] key(byte group, byte[] row) {
    return key(
        XXH64.hashUnsafeBytes(row, Platform.BYTE_ARRAY_OFFSET, row.length, SEED), group, row);
  }

  private static byte[] key(long hash, byte group, byte[] row) {
    return ByteBuffer.allocate(KEY_BYTES + row.length).putLong(hash).put(group).put(row).array();
  }

  /** A key with its rank before it, so that the ranks decide the order of the bytes. */
  static byte[] ranked(long rank, byte[] key) {
    return ByteBuffer.allocate(Long.BYTES + key.length).putLong(rank).put(key).array();
  }

  /** The rank of a {@link #ranked} key. */
  static long rank(byte[] ranked) {
    return ByteBuffer.wrap(ranked).getLong();
  }

  /** The packed row of a {@link #ranked} key. */
  static ByteBuffer row(byte[] ranked) {
    return ByteBuffer.wrap(ranked).position(Long.BYTES + KEY_BYTES);
  }

  /** The group of a {@link #ranked} key. */
  static int groupOfRanked(byte[] ranked) {
    return ranked[2 * Long.BYTES];
  }

  static long hash(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  static final class ByBytes implements Comparator<byte[]>, Serializable {
    @Override
    public int compare(byte[] one, byte[] other) {
      return Arrays.compareUnsigned(one, other);
    }
  }

  /**
   * Splits each group's hashes into ranges of about equal length, each of some of their buckets, so
   * that partitions are in order.
   */
  static final class Ranges extends Partitioner {
    private static final int BITS = 14;

    /** Ranges of a group at most: the buckets that there are. */
    static final int MOST = 1 << BITS;

    /** The first range of each group, followed by the number of all. */
    private final int[] first;

    /**
     * @param counts the ranges of each group, from 1 to {@link #MOST}
     */
    Ranges(int... counts) {
      first = new int[counts.length + 1];
      for (int g = 0; g < counts.length; g++) {
        first[g + 1] = first[g] + counts[g];
      }
    }

    @Override
    public int numPartitions() {
      return first[first.length - 1];
    }

    @Override
    public int getPartition(Object key) {
      byte[] bytes = (byte[]) key;
      int group = bytes[Long.BYTES];
      long bucket = ByteBuffer.wrap(bytes).getLong() >>> (Long.SIZE - BITS);
      return first[group] + (int) (bucket * count(group) >>> BITS);
    }

    private int count(int group) {
      return first[group + 1] - first[group];
    }

    /** The key of a range that is before those of all rows of it. */
    byte[] least(int range) {
      int group = group(range);
      long bucket = (((long) (range - first[group]) << BITS) + count(group) - 1) / count(group);
      return key(bucket << (Long.SIZE - BITS), (byte) group, new byte[0]);
    }

    /** Whether it is the first one of its group. */
    boolean isFirst(int range) {
      return first[group(range)] == range;
    }

    private int group(int range) {
      int place = Arrays.binarySearch(first, range);
      return place < 0 ? -place - 2 : place;
    }
  }
}
