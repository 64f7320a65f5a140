package dev.realnvp.spark.training.state;

import dev.realnvp.spark.cluster.Shuffles;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;

/**
 * The mean of many workers' results, taken on the executors, slice by slice of their states: what a
 * parameter server does, by one shuffle (Zhang et al. 2019, MLlib*: Fast Training of GLMs using
 * Spark MLlib, section IV-B). With W workers and P slices of a state of B bytes, each of P tasks
 * reads {@code W B / P} bytes, and the driver gets B.
 *
 * <p>All functions are of named classes: for a lambda Spark reads byte code to find what it
 * captures, which takes the driver longer than the mean.
 */
public final class SlicedMean {

  private static final ClassTag<Integer> SLICE = ClassTag$.MODULE$.apply(Integer.class);
  private static final ClassTag<RoundResult> RESULT = ClassTag$.MODULE$.apply(RoundResult.class);

  private SlicedMean() {}

  /**
   * Runs a round's task on all shards.
   *
   * @param slices P
   * @return the mean of its results, with the same bits as {@link RoundResult#mean} of them in the
   *     order of the partitions; or the first failure
   */
  public static RoundResult of(ShardTask<RoundResult> task, JavaRDD<Shard> shards, int slices) {
    ShuffledRDD<Integer, RoundResult, RoundResult> shuffled =
        new ShuffledRDD<>(
            new Slices(shards.rdd(), task, slices),
            new HashPartitioner(slices),
            SLICE,
            RESULT,
            RESULT);
    try {
      RoundResult[] means =
          (RoundResult[]) shards.context().runJob(shuffled, new MeanOfSlice(), RESULT);
      List<RoundResult> got = Stream.of(means).filter(Objects::nonNull).toList();
      return got.stream()
          .filter(mean -> mean.failure() != null)
          .findFirst()
          .orElseGet(
              () ->
                  got.get(0)
                      .withState(
                          NetworkState.joined(got.stream().map(RoundResult::state).toList())));
    } finally {
      Shuffles.delete(shards.context(), false, Shuffles.id(shuffled));
    }
  }

  /** Each worker's result once per slice, with that part of its state. */
  private static final class Slices extends RDD<Tuple2<Integer, RoundResult>> {

    private static final ClassTag<Shard> SHARD = ClassTag$.MODULE$.apply(Shard.class);

    private final ShardTask<RoundResult> task;
    private final int slices;

    Slices(RDD<Shard> shards, ShardTask<RoundResult> task, int slices) {
      super(shards, ClassTag$.MODULE$.apply(Tuple2.class));
      this.task = task;
      this.slices = slices;
    }

    @Override
    public Partition[] getPartitions() {
      return firstParent(SHARD).partitions();
    }

    @Override
    public Iterator<Tuple2<Integer, RoundResult>> compute(Partition split, TaskContext context) {
      List<Tuple2<Integer, RoundResult>> sliced = new ArrayList<>();
      for (RoundResult result : task.apply(context, firstParent(SHARD).iterator(split, context))) {
        for (int slice = 0; slice < slices; slice++) {
          sliced.add(new Tuple2<>(slice, result.slice(slice, slices)));
        }
      }
      return JavaConverters.asScalaIteratorConverter(sliced.iterator()).asScala();
    }
  }

  /** Of all workers' slices; null if no worker had a minibatch left. */
  private static final class MeanOfSlice
      extends AbstractFunction2<TaskContext, Iterator<Tuple2<Integer, RoundResult>>, RoundResult>
      implements java.io.Serializable {

    @Override
    public RoundResult apply(TaskContext context, Iterator<Tuple2<Integer, RoundResult>> slices) {
      List<RoundResult> results = new ArrayList<>();
      while (slices.hasNext()) {
        results.add(slices.next()._2());
      }
      results.sort(Comparator.comparingInt(RoundResult::partition));
      return results.isEmpty() ? null : RoundResult.mean(results);
    }
  }
}
