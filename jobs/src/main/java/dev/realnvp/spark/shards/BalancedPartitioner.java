package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.Shuffles;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.Partitioner;
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
 * which gives each row its rank, then to the partition whose turn it is. With P = 1 they cross it
 * once.
 */
final class BalancedPartitioner {
  private BalancedPartitioner() {}

  /**
   * Deals the rows. The data is scanned twice: to count the parts of the order, and to move the
   * rows.
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
    ContentOrder.Ranges ranges = new ContentOrder.Ranges(partitions);
    JavaRDD<byte[]> keys =
        rows.queryExecution().toRdd().toJavaRDD().map(row -> ContentOrder.key(pack.call(row)));
    long[] firstRanks = firstRanks(keys, ranges);
    long all = firstRanks[partitions];
    long[] sizes =
        LongStream.range(0, partitions).map(p -> (all - p + partitions - 1) / partitions).toArray();
    JavaPairRDD<byte[], Integer> sorted =
        sorted(keys.mapPartitionsToPair(RepeatCounts::new), ranges);
    JavaPairRDD<byte[], Integer> dealt =
        partitions == 1 ? sorted : dealt(sorted, firstRanks, partitions);
    int before = partitions == 1 ? 0 : Long.BYTES;
    return new Dealt(
        dealt.flatMap(
            key ->
                Collections.nCopies(key._2(), key._1()).stream()
                    .map(bytes -> ContentOrder.row(bytes, before))
                    .iterator()),
        sizes,
        Stream.of(sorted, dealt).map(JavaPairRDD::rdd).mapToInt(Shuffles::id).distinct().toArray());
  }

  /** Sends each key to its partition, where they are sorted by their bytes. */
  private static JavaPairRDD<byte[], Integer> sorted(
      JavaPairRDD<byte[], Integer> keys, Partitioner partitioner) {
    JavaPairRDD<byte[], Integer> sorted =
        keys.repartitionAndSortWithinPartitions(partitioner, new ContentOrder.ByContent());
    ((ShuffledRDD<?, ?, ?>) sorted.rdd()).setSerializer(new KeyCountSerializer());
    return sorted;
  }

  /**
   * Rows that are dealt out.
   *
   * @param rows packed, in order
   * @param sizes how many each partition has
   * @param shuffles the ids of the shuffles that deal them
   */
  record Dealt(JavaRDD<ByteBuffer> rows, long[] sizes, int[] shuffles) {}

  /** The rank of each range's first row, followed by the number of rows. */
  private static long[] firstRanks(JavaRDD<byte[]> keys, ContentOrder.Ranges ranges) {
    int parts = ranges.numPartitions();
    long[] counts =
        keys.treeAggregate(
            new long[parts],
            (sums, key) -> {
              sums[ranges.getPartition(key)]++;
              return sums;
            },
            (sums, more) -> {
              for (int p = 0; p < parts; p++) {
                sums[p] += more[p];
              }
              return sums;
            });
    long[] firstRanks = new long[parts + 1];
    for (int p = 0; p < parts; p++) {
      firstRanks[p + 1] = firstRanks[p] + counts[p];
    }
    return firstRanks;
  }

  /** Sends each key to the partition whose turn it is, with its rank before it. */
  private static JavaPairRDD<byte[], Integer> dealt(
      JavaPairRDD<byte[], Integer> sorted, long[] firstRanks, int partitions) {
    return sorted(
        sorted
            .mapPartitionsWithIndex((p, part) -> new Ranked(part, firstRanks[p]), true)
            .flatMapToPair(ranked -> shares(ranked, partitions)),
        new Turns(partitions));
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
