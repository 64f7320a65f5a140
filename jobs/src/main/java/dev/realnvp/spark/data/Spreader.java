package dev.realnvp.spark.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/**
 * Deals rows out to P partitions, a block of P rows at a time: each partition gets one row of a
 * block, and a hash of the block's number says which. So sizes differ by one at most, neighbouring
 * rows part, and who gets what depends on the data alone.
 *
 * <p>Without the hash, row i going to partition i mod P, an order in the data can leave every
 * partition with rows of another distribution, and the mean of models trained on those is a poor
 * one. MNIST is such data: writers of two sources alternate.
 */
final class Spreader {
  private Spreader() {}

  /** Makes a partition's one element. */
  @FunctionalInterface
  interface Builder<T> extends Serializable {
    /**
     * Makes the element.
     *
     * @param rows the partition's rows, packed, in order
     * @param size how many
     */
    T build(Iterator<byte[]> rows, int size);
  }

  /**
   * Deals rows out. The data are scanned twice: to count each input partition, and to move the
   * rows.
   *
   * @param pack turns a row into bytes. It gets Spark's own rows, as these give arrays without an
   *     object for each value, and must not keep them: Spark uses them again
   * @return exactly so many partitions, of one element each
   */
  static <T> JavaRDD<T> spread(
      Dataset<Row> rows, int partitions, Function<InternalRow, byte[]> pack, Builder<T> builder) {
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "Cannot spread rows over " + partitions + " partitions: expected at least 1");
    }
    JavaRDD<InternalRow> input = rows.queryExecution().toRdd().toJavaRDD();
    long[] counts =
        input.mapPartitions(part -> List.of(count(part)).iterator()).collect().stream()
            .mapToLong(Long::longValue)
            .toArray();
    long[] firstIndex = new long[counts.length + 1];
    for (int p = 0; p < counts.length; p++) {
      firstIndex[p + 1] = firstIndex[p] + counts[p];
    }
    long all = firstIndex[counts.length];
    int[] sizes =
        IntStream.range(0, partitions)
            .map(p -> Math.toIntExact((all - p + partitions - 1) / partitions))
            .toArray();
    return input
        .mapPartitionsWithIndex((p, part) -> packed(part, firstIndex[p], pack), false)
        .mapToPair(row -> row)
        .repartitionAndSortWithinPartitions(new Dealer(partitions, all))
        .values()
        .mapPartitionsWithIndex(
            (p, part) -> List.of(builder.build(part, sizes[p])).iterator(), true);
  }

  private static long count(Iterator<InternalRow> rows) {
    long count = 0;
    for (; rows.hasNext(); rows.next()) {
      count++;
    }
    return count;
  }

  private static Iterator<Tuple2<Long, byte[]>> packed(
      Iterator<InternalRow> rows, long firstIndex, Function<InternalRow, byte[]> pack) {
    return new Iterator<>() {
      private long index = firstIndex;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Tuple2<Long, byte[]> next() {
        try {
          return new Tuple2<>(index++, pack.call(rows.next()));
        } catch (Exception e) {
          throw new IllegalStateException("Cannot pack row " + (index - 1), e);
        }
      }
    };
  }

  /** The partition of a row's index. */
  private static final class Dealer extends Partitioner {
    private final int partitions;
    private final long rows;

    Dealer(int partitions, long rows) {
      this.partitions = partitions;
      this.rows = rows;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object index) {
      long block = (Long) index / partitions;
      int place = (int) ((Long) index % partitions);
      // A last block that is short stays as it is, so that the first partitions get its rows.
      boolean whole = (block + 1) * partitions <= rows;
      int turn = whole ? new SplittableRandom(block).nextInt(partitions) : 0;
      return (place + turn) % partitions;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Dealer dealer
          && dealer.partitions == partitions
          && dealer.rows == rows;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(31 * rows + partitions);
    }
  }
}
