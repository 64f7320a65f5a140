package dev.realnvp.spark.training;

import java.io.InvalidObjectException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * The states of one round, on their way: the one that the workers start from, and those that they
 * come to. The driver opens it, hands it to the tasks, and closes it when the round is over.
 *
 * <p>The mean of W workers' states is taken in two steps: over groups of {@code ceil(sqrt(W))}
 * neighbouring partitions, and over these groups. So many workers can leave the first step to the
 * executors, and the driver gets a state of each group rather than of each worker. The bits do not
 * depend on where the first step is done.
 */
abstract class StateTransport implements Serializable {

  /** By reference where the workers are threads of this JVM, else by broadcast and result. */
  static StateTransport open(JavaSparkContext spark, NetworkState start) {
    return sharesMemory(spark) ? InProcess.open(start) : new ByBroadcast(spark.broadcast(start));
  }

  /** Whether tasks run in the driver's JVM, and with its classes. */
  private static boolean sharesMemory(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    return Workers.localCores(spark.master()).isPresent()
        && !conf.getBoolean("spark.executor.userClassPathFirst", false);
  }

  /** On a worker: where to start from. */
  abstract NetworkState start();

  /**
   * On a worker: takes the state that it has come to.
   *
   * @return what its result has to carry; null for nothing
   */
  abstract NetworkState send(int partition, NetworkState trained);

  /** On the driver: the result with the state that its worker has sent, if it has. */
  abstract RoundResult received(RoundResult result);

  /** On the driver: there is nothing left to send. */
  abstract void close();

  /**
   * On the driver: runs the round's task.
   *
   * @return the mean of each group's results, in the order of the groups
   */
  List<RoundResult> groupMeans(ShardTask<RoundResult> task, JavaRDD<Shard> shards) {
    int size = groupSize(shards.getNumPartitions());
    return task.run(shards).stream()
        .map(this::received)
        .collect(
            Collectors.groupingBy(
                result -> result.partition / size, TreeMap::new, Collectors.toList()))
        .values()
        .stream()
        .map(RoundResult::mean)
        .toList();
  }

  private static int groupSize(int workers) {
    return (int) Math.ceil(Math.sqrt(workers));
  }

  /**
   * By reference, between threads of one JVM: what a task gets by deserialization is the object
   * that the driver has opened. Spares four copies of each state. States are never changed once
   * made.
   */
  static final class InProcess extends StateTransport {

    private static final long serialVersionUID = 1;

    private static final Map<Long, InProcess> OPEN = new ConcurrentHashMap<>();
    private static final AtomicLong KEYS = new AtomicLong();

    private final long key;
    private final transient NetworkState start;
    private final transient Map<Integer, NetworkState> trained = new ConcurrentHashMap<>();

    private InProcess(long key, NetworkState start) {
      this.key = key;
      this.start = start;
    }

    static InProcess open(NetworkState start) {
      InProcess states = new InProcess(KEYS.incrementAndGet(), start);
      OPEN.put(states.key, states);
      return states;
    }

    private Object readResolve() throws InvalidObjectException {
      InProcess states = OPEN.get(key);
      if (states == null) {
        throw new InvalidObjectException("The round of this task is over");
      }
      return states;
    }

    @Override
    NetworkState start() {
      return start;
    }

    /** Of two attempts at a partition it keeps either, since both come to the same. */
    @Override
    NetworkState send(int partition, NetworkState state) {
      trained.put(partition, state);
      return null;
    }

    @Override
    RoundResult received(RoundResult result) {
      return result.withState(trained.get(result.partition));
    }

    @Override
    void close() {
      OPEN.remove(key);
    }
  }

  /**
   * Over the network: the start in a broadcast, the others in the workers' results or, if there are
   * many, through a shuffle to the executors that take the means of the groups.
   */
  static final class ByBroadcast extends StateTransport {

    /** Up to so many workers, another stage of tasks costs more than the driver saves. */
    private static final int FEW_WORKERS = 8;

    private final Broadcast<NetworkState> start;

    ByBroadcast(Broadcast<NetworkState> start) {
      this.start = start;
    }

    @Override
    NetworkState start() {
      return start.value();
    }

    @Override
    NetworkState send(int partition, NetworkState trained) {
      return trained;
    }

    @Override
    RoundResult received(RoundResult result) {
      return result;
    }

    @Override
    List<RoundResult> groupMeans(ShardTask<RoundResult> task, JavaRDD<Shard> shards) {
      int workers = shards.getNumPartitions();
      if (workers <= FEW_WORKERS) {
        return super.groupMeans(task, shards);
      }
      int size = groupSize(workers);
      JavaPairRDD<Integer, RoundResult> grouped =
          shards
              .mapPartitionsWithIndex(task, true)
              .mapToPair(result -> new Tuple2<>(result.partition / size, result))
              .partitionBy(new HashPartitioner((workers + size - 1) / size));
      try {
        return grouped.values().mapPartitions(ByBroadcast::mean).collect();
      } finally {
        Shuffles.delete(grouped.context(), false, Shuffles.id(grouped));
      }
    }

    private static Iterator<RoundResult> mean(Iterator<RoundResult> group) {
      List<RoundResult> results = new ArrayList<>();
      group.forEachRemaining(results::add);
      results.sort(Comparator.comparingInt(result -> result.partition));
      return results.isEmpty()
          ? Collections.emptyIterator()
          : List.of(RoundResult.mean(results)).iterator();
    }

    @Override
    void close() {
      start.destroy();
    }
  }
}
