package dev.realnvp.spark.training;

import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.api.java.function.Function2;

/** A function of a partition and the one shard in it, if there is one with rows. */
abstract class ShardTask<R> implements Function2<Integer, Iterator<Shard>, Iterator<R>> {

  abstract Iterator<R> call(int partition, Shard shard);

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
}
