package dev.realnvp.spark.shards;

import dev.realnvp.spark.cluster.Shuffles;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/**
 * Deals the rows of each group to P partitions, in turn, in their {@link ContentOrder}. So sizes
 * differ by at most one, and equal rows are shared as evenly as all rows. The result depends only
 * on the rows: not on their files, their order in these, or the cluster's partitions.
 *
 * <p>Rows cross the network twice: first to the place where their part of the order is sorted,
 * which gives each row its rank, then to the partition whose turn it is. A part is small enough to
 * be sorted in memory, and the second time rows keep their order, so nothing but the two shuffles
 * is written; the files of the first are deleted when the second has been.
 *
 * <p>The rows are read once. Who reads some of them sends them with their number: to each part how
 * many of them are in parts before it. The sum over all readers is the rank of the part's first
 * row.
 */
final class BalancedPartitioner {
  /** The bytes of a part: with what Java adds, as much as a task's share of a small heap. */
  private static final long PART_BYTES = 64 << 20;

  /** The bytes of small blocks that a task fetches at once. */
  private static final long FETCHED_BYTES = 16 << 20;

  /** For the keys and counts in the shuffles, which refer to nothing: it writes plain bytes. */
  static final Serializer PLAIN =
      new KryoSerializer(new SparkConf(false).set("spark.kryo.referenceTracking", "false"));

  private BalancedPartitioner() {}

  /**
   * Deals the rows: scans the data once, and runs all but the last stage.
   *
   * @param rows with the number of their group, a byte, in the first column
   * @param counts the number of rows of each group
   * @param rowBytes that a packed row has, or thereabouts
   * @param pack converts a row to bytes, which identify it. It gets Spark's internal rows, because
   *     these return arrays without an object per value. It must not keep them: Spark reuses them
   * @return exactly P partitions for each group, one group after the other
   */
  static Dealt distribute(
      Dataset<Row> rows,
      long[] counts,
      int partitions,
      int rowBytes,
      Function<InternalRow, byte[]> pack) {
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "Cannot spread rows over " + partitions + " partitions: expected at least 1");
    }
    long[] bytes =
        LongStream.of(counts).map(count -> count * (rowBytes + ContentOrder.KEY_BYTES)).toArray();
    int[] parts =
        LongStream.of(bytes)
            .mapToInt(of -> (int) Math.min(of / PART_BYTES + partitions, ContentOrder.Ranges.MOST))
            .toArray();
    int groups = counts.length;
    ContentOrder.Ranges ranges = new ContentOrder.Ranges(parts);
    long block =
        IntStream.range(0, groups).mapToLong(g -> bytes[g] / partitions / parts[g]).max().orElse(0);
    JavaPairRDD<byte[], Integer> sorted =
        rows.queryExecution()
            .toRdd()
            .toJavaRDD()
            .map(row -> ContentOrder.key(group(row, groups), pack.call(row)))
            .mapPartitionsToPair(keys -> new RepeatCounts(keys, ranges))
            .repartitionAndSortWithinPartitions(ranges, new ContentOrder.ByBytes());
    ((ShuffledRDD<?, ?, ?>) sorted.rdd()).setSerializer(PLAIN);
    OrderedShuffle dealt =
        new OrderedShuffle(
            sorted
                .mapPartitions(Ranked::new, true)
                .flatMapToPair(ranked -> shares(ranked, partitions))
                .rdd(),
            new RoundRobinPartitioner(groups, partitions),
            (int) Math.max(1, FETCHED_BYTES / (1 + block)));
    SparkContext spark = rows.sparkSession().sparkContext();
    Shuffles.write(dealt);
    Shuffles.delete(spark, true, Shuffles.id(sorted.rdd()));
    return new Dealt(
        dealt, counts, partitions, new int[] {Shuffles.id(sorted.rdd()), Shuffles.id(dealt)});
  }

  private static byte group(InternalRow row, int groups) {
    if (row.getByte(0) >= groups) {
      throw changed();
    }
    return row.getByte(0);
  }

  /** Of a table whose rows are others at each reading: more, fewer, or not the same ones. */
  static IllegalStateException changed() {
    return new IllegalStateException(
        "Rows changed while they were dealt out: expected a table that gives the same at each reading");
  }

  /**
   * Rows that are dealt out.
   *
   * @param rows packed and {@link ContentOrder#ranked}, in order; and how often each comes
   * @param counts how many each group has
   * @param partitions of each group
   * @param shuffles the ids of the shuffles that deal them
   */
  record Dealt(OrderedShuffle rows, long[] counts, int partitions, int[] shuffles) {}

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

  /**
   * Keys with the rank of the first of each; before them come the {@link RepeatCounts} of others.
   */
  private static final class Ranked implements Iterator<RankedKey> {
    private final Iterator<Tuple2<byte[], Integer>> sorted;
    private Tuple2<byte[], Integer> key;
    private long rank;

    Ranked(Iterator<Tuple2<byte[], Integer>> sorted) {
      this.sorted = sorted;
      advance();
    }

    private void advance() {
      key = sorted.hasNext() ? sorted.next() : null;
      while (key != null && key._2() < 0) {
        rank -= key._2();
        key = sorted.hasNext() ? sorted.next() : null;
      }
    }

    @Override
    public boolean hasNext() {
      return key != null;
    }

    @Override
    public RankedKey next() {
      RankedKey next = new RankedKey(rank, key._1(), key._2());
      rank += key._2();
      advance();
      return next;
    }
  }

  /** The partition of a row by its group and its rank. */
  private static final class RoundRobinPartitioner extends Partitioner {
    private final int groups;
    private final int partitions;

    RoundRobinPartitioner(int groups, int partitions) {
      this.groups = groups;
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return Math.multiplyExact(groups, partitions);
    }

    @Override
    public int getPartition(Object key) {
      byte[] ranked = (byte[]) key;
      return ContentOrder.groupOfRanked(ranked) * partitions
          + (int) (ContentOrder.rank(ranked) % partitions);
    }
  }

  /**
   * Keys with their counts. Equal keys at a short distance are merged, so that frequent rows cost
   * little to send. Not all equal keys are found, so a key may come again. The order changes. At
   * last come the {@link ContentOrder.Ranges#least} keys of the ranges, each with how many rows of
   * its group were in ranges before it, as a negative number.
   */
  private static final class RepeatCounts implements Iterator<Tuple2<byte[], Integer>> {

    private static final int PLACES = 1024;

    /** Longer keys do not wait, because they would take too much of a task's memory. */
    private static final int MOST_BYTES = 1 << 14;

    private final Iterator<byte[]> keys;
    private final ContentOrder.Ranges ranges;
    private final long[] sent;
    private final byte[][] waiting = new byte[PLACES][];
    private final int[] times = new int[PLACES];
    private final Queue<Tuple2<byte[], Integer>> ready = new ArrayDeque<>();
    private boolean ended;

    RepeatCounts(Iterator<byte[]> keys, ContentOrder.Ranges ranges) {
      this.keys = keys;
      this.ranges = ranges;
      this.sent = new long[ranges.numPartitions()];
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && !ended) {
        if (keys.hasNext()) {
          wait(keys.next());
        } else {
          end();
        }
      }
      return !ready.isEmpty();
    }

    @Override
    public Tuple2<byte[], Integer> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    /** Lets a key wait for equal ones, and sends the one that it replaces. */
    private void wait(byte[] key) {
      if (key.length > MOST_BYTES) {
        send(key, 1);
        return;
      }
      int place = Math.floorMod(ContentOrder.hash(key), PLACES);
      if (Arrays.equals(key, waiting[place])) {
        times[place]++;
        return;
      }
      send(waiting[place], times[place]);
      waiting[place] = key;
      times[place] = 1;
    }

    private void send(byte[] key, int count) {
      if (key != null) {
        sent[ranges.getPartition(key)] += count;
        ready.add(new Tuple2<>(key, count));
      }
    }

    private void end() {
      ended = true;
      for (int place = 0; place < PLACES; place++) {
        send(waiting[place], times[place]);
      }
      long before = 0;
      for (int range = 0; range < sent.length; range++) {
        before = ranges.isFirst(range) ? 0 : before + sent[range - 1];
        // In parts, if it is more than a count can be.
        for (long left = before; left > 0; left -= Integer.MAX_VALUE) {
          int count = (int) Math.min(left, Integer.MAX_VALUE);
          ready.add(new Tuple2<>(ranges.least(range), -count));
        }
      }
    }
  }
}
