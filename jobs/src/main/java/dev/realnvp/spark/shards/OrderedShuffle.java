package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.Shuffles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterators;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
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
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * A shuffle whose partitions have what each partition before it has sent them, one after the other
 * in the order of these, and each in the order in which it was sent. So what is sorted stays
 * sorted, and a partition is read in one pass; Spark's own reads take blocks as they arrive, and
 * sort everything again.
 *
 * <p>Small blocks are fetched several at once, as there may be thousands, and put in order by the
 * ranks of their keys.
 */
final class OrderedShuffle extends RDD<Tuple2<byte[], Integer>> {

  private static final ClassTag<byte[]> KEY = ClassTag$.MODULE$.apply(byte[].class);
  private static final ClassTag<Integer> COUNT = ClassTag$.MODULE$.apply(Integer.class);

  private final int partitions;

  /** How many blocks a partition has: one of each partition before. */
  private final int blocks;

  private final int atOnce;

  /**
   * @param atOnce how many blocks to hold in memory, at least 1
   */
  OrderedShuffle(RDD<Tuple2<byte[], Integer>> keys, Partitioner partitioner, int atOnce) {
    super(
        keys.sparkContext(),
        new ShuffledRDD<byte[], Integer, Integer>(keys, partitioner, KEY, COUNT, COUNT)
            .setSerializer(new KeyCountSerializer())
            .dependencies(),
        ClassTag$.MODULE$.apply(Tuple2.class));
    partitions = partitioner.numPartitions();
    blocks = keys.getNumPartitions();
    this.atOnce = atOnce;
  }

  @SuppressWarnings("unchecked")
  private ShuffleDependency<byte[], Integer, Integer> shuffle() {
    return (ShuffleDependency<byte[], Integer, Integer>) dependencies().head();
  }

  /** Runs the stages before the shuffle: its files are then written. */
  void write() {
    Shuffles.write(sparkContext(), shuffle());
  }

  @Override
  public Partition[] getPartitions() {
    return IntStream.range(0, partitions).mapToObj(Place::new).toArray(Partition[]::new);
  }

  @Override
  public scala.collection.Iterator<Tuple2<byte[], Integer>> compute(
      Partition split, TaskContext context) {
    Blocks sorted =
        new Blocks(
            (from, to) ->
                JavaConverters.asJavaIteratorConverter(reader(from, to, split, context).read())
                    .asJava(),
            blocks,
            atOnce);
    return JavaConverters.asScalaIteratorConverter(sorted).asScala();
  }

  private ShuffleReader<byte[], Integer> reader(
      int from, int to, Partition split, TaskContext context) {
    int of = split.index();
    return SparkEnv.get()
        .shuffleManager()
        .getReader(
            shuffle().shuffleHandle(),
            from,
            to,
            of,
            of + 1,
            context,
            context.taskMetrics().createTempShuffleReadMetrics());
  }

  /** Opens the blocks from one number up to another: their keys come in the order of arrival. */
  @FunctionalInterface
  interface Opener {

    Iterator<? extends Product2<byte[], Integer>> open(int from, int to);
  }

  /** The keys of all blocks in order, some blocks at a time. */
  static final class Blocks implements Iterator<Tuple2<byte[], Integer>> {
    private final Opener opener;
    private final int count;
    private final int atOnce;
    private int opened;
    private Iterator<Tuple2<byte[], Integer>> some = Collections.emptyIterator();

    Blocks(Opener opener, int count, int atOnce) {
      this.opener = opener;
      this.count = count;
      this.atOnce = atOnce;
    }

    @Override
    public boolean hasNext() {
      while (!some.hasNext() && opened < count) {
        int to = Math.min(opened + atOnce, count);
        some = inOrder(opener.open(opened, to), to - opened);
        opened = to;
      }
      return some.hasNext();
    }

    /** A block alone is in order, and need not be held. */
    private static Iterator<Tuple2<byte[], Integer>> inOrder(
        Iterator<? extends Product2<byte[], Integer>> keys, int blocks) {
      Iterator<Tuple2<byte[], Integer>> all =
          StreamSupport.stream(Spliterators.spliteratorUnknownSize(keys, 0), false)
              .map(key -> new Tuple2<>(key._1(), key._2()))
              .iterator();
      if (blocks == 1) {
        return all;
      }
      List<Tuple2<byte[], Integer>> held = new ArrayList<>();
      all.forEachRemaining(held::add);
      held.sort(Comparator.comparingLong(key -> ContentOrder.rank(key._1())));
      return held.iterator();
    }

    @Override
    public Tuple2<byte[], Integer> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return some.next();
    }
  }

  /** A partition: its number. */
  private record Place(int index) implements Partition {}
}
