package dev.realnvp.spark.training.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;

/** A function of a partition and the one shard in it, if there is one with rows. */
public abstract class ShardTask<R>
    extends AbstractFunction2<TaskContext, scala.collection.Iterator<Shard>, ArrayList<R>>
    implements Function2<Integer, Iterator<Shard>, Iterator<R>>, java.io.Serializable {
  public abstract Iterator<R> call(int partition, Shard shard);

  @Override
  public final Iterator<R> call(Integer partition, Iterator<Shard> shards) {
    if (!shards.hasNext()) {
      return Collections.emptyIterator();
    }
    Shard shard = shards.next();
    if (shards.hasNext()) {
      throw new IllegalArgumentException(
          "Partition %d holds more than one shard, expected one a partition".formatted(partition));
    }
    return shard.size() == 0 ? Collections.emptyIterator() : call(partition, shard);
  }

  /**
   * Runs it on every partition, as {@code mapPartitionsWithIndex} and {@code collect} do, but
   * sooner by some milliseconds: those hand Spark three Scala lambdas, and for each it reads byte
   * code to find what they capture. A function of a named class it takes as it is.
   *
   * @return its results, in the order of the partitions
   */
  public final List<R> run(JavaRDD<Shard> shards) {
    @SuppressWarnings("unchecked")
    ArrayList<R>[] results =
        (ArrayList<R>[])
            shards.context().runJob(shards.rdd(), this, ClassTag$.MODULE$.apply(ArrayList.class));
    return Arrays.stream(results).flatMap(List::stream).toList();
  }

  @Override
  public final ArrayList<R> apply(TaskContext context, scala.collection.Iterator<Shard> shards) {
    ArrayList<R> results = new ArrayList<>();
    call(context.partitionId(), JavaConverters.asJavaIteratorConverter(shards).asJava())
        .forEachRemaining(results::add);
    return results;
  }
}
