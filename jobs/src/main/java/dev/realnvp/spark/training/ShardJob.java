package dev.realnvp.spark.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import scala.Serializable;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;

/**
 * Runs a {@link ShardTask} on every partition, as {@code mapPartitionsWithIndex} and {@code
 * collect} do, but sooner by some milliseconds: those hand Spark three Scala lambdas, and for each
 * it reads byte code to find what they capture. A function of a named class it takes as it is.
 */
final class ShardJob<R> extends AbstractFunction2<TaskContext, Iterator<Shard>, ArrayList<R>>
    implements Serializable {

  private final ShardTask<R> task;

  private ShardJob(ShardTask<R> task) {
    this.task = task;
  }

  /** What the task gives, in the order of the partitions. */
  static <R> List<R> run(JavaRDD<Shard> shards, ShardTask<R> task) {
    @SuppressWarnings("unchecked")
    ArrayList<R>[] results =
        (ArrayList<R>[])
            shards
                .context()
                .runJob(
                    shards.rdd(), new ShardJob<>(task), ClassTag$.MODULE$.apply(ArrayList.class));
    return Arrays.stream(results).flatMap(List::stream).toList();
  }

  @Override
  public ArrayList<R> apply(TaskContext context, Iterator<Shard> shards) {
    ArrayList<R> results = new ArrayList<>();
    task.call(context.partitionId(), JavaConverters.asJavaIterator(shards))
        .forEachRemaining(results::add);
    return results;
  }
}
