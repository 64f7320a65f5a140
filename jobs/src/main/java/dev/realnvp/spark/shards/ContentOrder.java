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
 * <p>A key is the hash followed by the row, so that keys are compared by their bytes.
 */
final class ContentOrder {

  private static final long SEED = 42;

  private ContentOrder() {}

  /** The key of a packed row. */
  static byte[] key(byte[] row) {
    long hash = XXH64.hashUnsafeBytes(row, Platform.BYTE_ARRAY_OFFSET, row.length, SEED);
    return ByteBuffer.allocate(Long.BYTES + row.length).putLong(hash).put(row).array();
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
    return ByteBuffer.wrap(ranked).position(2 * Long.BYTES);
  }

  /** The hash of a key. */
  static long hash(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  /** Compares keys. */
  static final class ByContent implements Comparator<byte[]>, Serializable {
    @Override
    public int compare(byte[] one, byte[] other) {
      return Arrays.compareUnsigned(one, other);
    }
  }

  /**
   * Splits the hashes into ranges of about equal length, each of some of their buckets, so that
   * partitions are in order.
   */
  static final class Ranges extends Partitioner {
    private static final int BITS = 14;

    /** How many buckets there are, and ranges at most. */
    static final int BUCKETS = 1 << BITS;

    private final int count;

    Ranges(int count) {
      this.count = count;
    }

    @Override
    public int numPartitions() {
      return count;
    }

    @Override
    public int getPartition(Object key) {
      return ofBucket(bucket((byte[]) key));
    }

    /** The bucket of a key, by the first bits of its hash. */
    static int bucket(byte[] key) {
      return (int) (hash(key) >>> (Long.SIZE - BITS));
    }

    /** The range of a bucket. */
    int ofBucket(int bucket) {
      return (int) ((long) bucket * count >>> BITS);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ranges ranges && ranges.count == count;
    }

    @Override
    public int hashCode() {
      return count;
    }
  }
}
