package dev.realnvp.spark.shards;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.spark.Partition;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.shuffle.ShuffleReader;
import scala.Product2;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * A shuffle whose partitions have what each partition before it has sent them, one after the other
 * in the order of these, and each in the order in which it was sent. So what is sorted stays
 * sorted, and a partition is read in one pass; Spark's own reads take blocks as they arrive, and
 * sort everything again, on disk if there is more than memory holds. Small blocks are fetched
 * several at once, as there may be thousands.
 *
 * <p>This asks the manager of shuffles, an interface that is Spark's own, for one block after the
 * other. {@code repartitionAndSortWithinPartitions} needs none of it, but sorts on disk what does
 * not fit into memory: with 1 GB of heap, dealing 16,000,000 rows of 20 features then takes a fifth
 * longer, and a third copy of the rows on the disks.
 */
final class OrderedShuffle extends RDD<Tuple2<byte[], Integer>> {

  private static final ClassTag<byte[]> KEY = ClassTag$.MODULE$.apply(byte[].class);
  private static final ClassTag<Integer> COUNT = ClassTag$.MODULE$.apply(Integer.class);

  private final int first;
  private final int partitions;

  /** How many blocks a partition has: one of each partition before. */
  private final int blocks;

  private final int atOnce;

  /**
   * @param atOnce how many blocks to fetch at once, and to hold in memory if that is more than one
   */
  OrderedShuffle(RDD<Tuple2<byte[], Integer>> keys, Partitioner partitioner, int atOnce) {
    super(
        keys.sparkContext(),
        new ShuffledRDD<byte[], Integer, Integer>(keys, partitioner, KEY, COUNT, COUNT)
            .setSerializer(BalancedPartitioner.PLAIN)
            .dependencies(),
        ClassTag$.MODULE$.apply(Tuple2.class));
    first = 0;
    partitions = partitioner.numPartitions();
    blocks = keys.getNumPartitions();
    this.atOnce = atOnce;
  }

  private OrderedShuffle(OrderedShuffle all, int first, int partitions) {
    super(all.sparkContext(), all.dependencies(), ClassTag$.MODULE$.apply(Tuple2.class));
    this.first = first;
    this.partitions = partitions;
    this.blocks = all.blocks;
    this.atOnce = all.atOnce;
  }

  /** Some of its partitions, numbered from 0. */
  OrderedShuffle part(int from, int count) {
    return new OrderedShuffle(this, first + from, count);
  }

  @SuppressWarnings("unchecked")
  private ShuffleDependency<byte[], Integer, Integer> shuffle() {
    return (ShuffleDependency<byte[], Integer, Integer>) dependencies().head();
  }

  @Override
  public Partition[] getPartitions() {
    return IntStream.range(0, partitions).mapToObj(Place::new).toArray(Partition[]::new);
  }

  @Override
  public Iterator<Tuple2<byte[], Integer>> compute(Partition split, TaskContext context) {
    Blocks sorted =
        new Blocks(b -> read(b * atOnce, split, context), (blocks + atOnce - 1) / atOnce);
    return JavaConverters.asScalaIteratorConverter(sorted).asScala();
  }

  /** The keys of some blocks: those of several, which arrive in any order, by their ranks. */
  private java.util.Iterator<Product2<byte[], Integer>> read(
      int from, Partition split, TaskContext context) {
    int of = first + split.index();
    int to = Math.min(from + atOnce, blocks);
    ShuffleReader<byte[], Integer> reader =
        SparkEnv.get()
            .shuffleManager()
            .getReader(
                shuffle().shuffleHandle(),
                from,
                to,
                of,
                of + 1,
                context,
                context.taskMetrics().createTempShuffleReadMetrics());
    java.util.Iterator<Product2<byte[], Integer>> keys =
        JavaConverters.asJavaIteratorConverter(reader.read()).asJava();
    if (to - from == 1) {
      return keys;
    }
    List<Product2<byte[], Integer>> held = new ArrayList<>();
    keys.forEachRemaining(held::add);
    held.sort(Comparator.comparingLong(key -> ContentOrder.rank(key._1())));
    return held.iterator();
  }

  /** Keys of some blocks after the other, each opened when the one before is at its end. */
  private static final class Blocks implements java.util.Iterator<Tuple2<byte[], Integer>> {
    private final IntFunction<java.util.Iterator<Product2<byte[], Integer>>> open;
    private final int count;
    private int opened;
    private java.util.Iterator<Product2<byte[], Integer>> block = Collections.emptyIterator();

    Blocks(IntFunction<java.util.Iterator<Product2<byte[], Integer>>> open, int count) {
      this.open = open;
      this.count = count;
    }

    @Override
    public boolean hasNext() {
      while (!block.hasNext() && opened < count) {
        block = open.apply(opened++);
      }
      return block.hasNext();
    }

    @Override
    public Tuple2<byte[], Integer> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Product2<byte[], Integer> next = block.next();
      return new Tuple2<>(next._1(), next._2());
    }
  }

  /** A partition: its number. */
  private record Place(int index) implements Partition {}
}
