package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.Shuffles;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/**
 * Deals rows to P partitions, in turn, in their {@link ContentOrder}. So sizes differ by at most
 * one, and equal rows are shared as evenly as all rows. The result depends only on the rows: not on
 * their files, their order in these, or the cluster's partitions.
 *
 * <p>Rows cross the network twice: first to the place where their part of the order is sorted,
 * which gives each row its rank, then to the partition whose turn it is. A part is small enough to
 * be sorted in memory, and the second time rows keep their order, so nothing but the two shuffles
 * is written; the files of the first are deleted when the second has been.
 */
final class BalancedPartitioner {
  /** The bytes of a part: with what Java adds, as much as a task's share of a small heap. */
  private static final long PART_BYTES = 64 << 20;

  /** The bytes of small blocks that a task fetches at once. */
  private static final long FETCHED_BYTES = 16 << 20;

  private BalancedPartitioner() {}

  /**
   * Deals the rows: scans the data twice, to count the parts of the order and to move the rows, and
   * runs all but the last stage.
   *
   * @param pack converts a row to bytes, which identify it. It gets Spark's internal rows, because
   *     these return arrays without an object per value. It must not keep them: Spark reuses them
   * @return exactly P partitions
   */
  static Dealt deal(Dataset<Row> rows, int partitions, Function<InternalRow, byte[]> pack) {
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "Cannot spread rows over " + partitions + " partitions: expected at least 1");
    }
    JavaRDD<byte[]> keys =
        rows.queryExecution().toRdd().toJavaRDD().map(row -> ContentOrder.key(pack.call(row)));
    SparkContext spark = rows.sparkSession().sparkContext();
    Counts counts = keys.treeAggregate(new Counts(), Counts::add, Counts::merge);
    ContentOrder.Ranges ranges =
        new ContentOrder.Ranges(
            (int) Math.min(counts.bytes / PART_BYTES + partitions, ContentOrder.Ranges.BUCKETS));
    long[] firstRanks = counts.firstRanks(ranges);
    long all = firstRanks[ranges.numPartitions()];
    long[] sizes =
        LongStream.range(0, partitions).map(p -> (all - p + partitions - 1) / partitions).toArray();
    JavaPairRDD<byte[], Integer> sorted =
        keys.mapPartitionsToPair(RepeatCounts::new)
            .repartitionAndSortWithinPartitions(ranges, new ContentOrder.ByContent());
    ((ShuffledRDD<?, ?, ?>) sorted.rdd()).setSerializer(new KeyCountSerializer());
    OrderedShuffle dealt =
        new OrderedShuffle(
            sorted
                .mapPartitionsWithIndex((p, part) -> new Ranked(part, firstRanks[p]), true)
                .flatMapToPair(ranked -> shares(ranked, partitions))
                .rdd(),
            new Turns(partitions),
            (int) Math.max(1, FETCHED_BYTES / (1 + counts.bytes / partitions / firstRanks.length)));
    dealt.write();
    Shuffles.delete(spark, true, Shuffles.id(sorted.rdd()));
    return new Dealt(
        dealt
            .toJavaRDD()
            .flatMap(
                key ->
                    Collections.nCopies(key._2(), key._1()).stream()
                        .map(ContentOrder::row)
                        .iterator()),
        sizes,
        new int[] {Shuffles.id(sorted.rdd()), Shuffles.id(dealt)});
  }

  /**
   * Rows that are dealt out.
   *
   * @param rows packed, in order
   * @param sizes how many each partition has
   * @param shuffles the ids of the shuffles that deal them
   */
  record Dealt(JavaRDD<ByteBuffer> rows, long[] sizes, int[] shuffles) {}

  /** The rows of each bucket of the order, and their bytes. */
  private static final class Counts implements Serializable {
    private final long[] rows = new long[ContentOrder.Ranges.BUCKETS];
    private long bytes;

    Counts add(byte[] key) {
      rows[ContentOrder.Ranges.bucket(key)]++;
      bytes += key.length;
      return this;
    }

    Counts merge(Counts more) {
      for (int b = 0; b < rows.length; b++) {
        rows[b] += more.rows[b];
      }
      bytes += more.bytes;
      return this;
    }

    /** The rank of each range's first row, followed by the number of rows. */
    long[] firstRanks(ContentOrder.Ranges ranges) {
      long[] firstRanks = new long[ranges.numPartitions() + 1];
      for (int b = 0; b < rows.length; b++) {
        firstRanks[ranges.ofBucket(b) + 1] += rows[b];
      }
      Arrays.parallelPrefix(firstRanks, Long::sum);
      return firstRanks;
    }
  }

  /** Shares a key that came several times: gives each partition the rank of its first one. */
  private static Iterator<Tuple2<byte[], Integer>> shares(RankedKey ranked, int partitions) {
    int times = ranked.times;
    return IntStream.range(0, Math.min(times, partitions))
        .mapToObj(
            i ->
                new Tuple2<>(
                    ContentOrder.ranked(ranked.first + i, ranked.key),
                    (times - i + partitions - 1) / partitions))
        .iterator();
  }

  /** A key that came some times, and the rank of the first of them. */
  private record RankedKey(long first, byte[] key, int times) {}

  /** Keys with the rank of the first of each. */
  private static final class Ranked implements Iterator<RankedKey> {
    private final Iterator<Tuple2<byte[], Integer>> sorted;
    private long rank;

    Ranked(Iterator<Tuple2<byte[], Integer>> sorted, long first) {
      this.sorted = sorted;
      this.rank = first;
    }

    @Override
    public boolean hasNext() {
      return sorted.hasNext();
    }

    @Override
    public RankedKey next() {
      Tuple2<byte[], Integer> key = sorted.next();
      long first = rank;
      rank += key._2();
      return new RankedKey(first, key._1(), key._2());
    }
  }

  /** The partition of a row by its rank. */
  private static final class Turns extends Partitioner {
    private final int partitions;

    Turns(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (int) (ContentOrder.rank((byte[]) key) % partitions);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Turns turns && turns.partitions == partitions;
    }

    @Override
    public int hashCode() {
      return partitions;
    }
  }

  /**
   * Keys with their counts. Equal keys at a short distance are merged, so that frequent rows cost
   * little to send. Not all equal keys are found, so a key may come again. The order changes.
   */
  private static final class RepeatCounts implements Iterator<Tuple2<byte[], Integer>> {

    private static final int PLACES = 1024;

    /** Longer keys do not wait, because they would take too much of a task's memory. */
    private static final int MOST_BYTES = 1 << 14;

    private final Iterator<byte[]> keys;
    private final byte[][] waiting = new byte[PLACES][];
    private final int[] times = new int[PLACES];
    private int emptied;
    private Tuple2<byte[], Integer> ready;

    RepeatCounts(Iterator<byte[]> keys) {
      this.keys = keys;
    }

    @Override
    public boolean hasNext() {
      while (ready == null && (keys.hasNext() || emptied < PLACES)) {
        ready = keys.hasNext() ? wait(keys.next()) : put(null, emptied++);
      }
      return ready != null;
    }

    /** Lets a key wait for equal ones; returns the key that it replaces, or null. */
    private Tuple2<byte[], Integer> wait(byte[] key) {
      if (key.length > MOST_BYTES) {
        return new Tuple2<>(key, 1);
      }
      int place = Math.floorMod(ContentOrder.hash(key), PLACES);
      if (Arrays.equals(key, waiting[place])) {
        times[place]++;
        return null;
      }
      return put(key, place);
    }

    private Tuple2<byte[], Integer> put(byte[] key, int place) {
      byte[] before = waiting[place];
      Tuple2<byte[], Integer> out = before == null ? null : new Tuple2<>(before, times[place]);
      waiting[place] = key;
      times[place] = 1;
      return out;
    }

    @Override
    public Tuple2<byte[], Integer> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Tuple2<byte[], Integer> next = ready;
      ready = null;
      return next;
    }
  }
}
