package dev.realnvp.spark.training.state;

import dev.realnvp.spark.cluster.Workers;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import java.io.InvalidObjectException;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The states of one round, on their way: the one that the workers start from, and those that they
 * come to. The driver opens it, hands it to the tasks, and closes it when the round is over.
 *
 * <p>Many workers leave the mean to the executors: each state is cut into {@code ceil(sqrt(W))}
 * slices, a task takes the mean of a slice over all workers, and the driver gets one state in all,
 * however many workers there are. The bits do not depend on where the mean is taken.
 */
public abstract class StateTransport implements Serializable {

  /** By reference where the workers are threads of this JVM, else by broadcast and result. */
  public static StateTransport open(JavaSparkContext spark, NetworkState start) {
    return sharesMemory(spark) ? InProcess.open(start) : new ByBroadcast(spark.broadcast(start));
  }

  /** How many states the driver gets from so many workers in other processes. */
  public static int statesOnTheDriver(int workers) {
    return workers <= ByBroadcast.FEW_WORKERS ? workers : 1;
  }

  /** Whether tasks run in the driver's JVM, and with its classes. */
  private static boolean sharesMemory(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    return Workers.localCores(spark.master()).isPresent()
        && !conf.getBoolean("spark.executor.userClassPathFirst", false);
  }

  /** On a worker: where to start from. */
  public abstract NetworkState start();

  /**
   * On a worker: takes the state that it has come to.
   *
   * @return what its result has to carry; null for nothing
   */
  public abstract NetworkState send(int partition, NetworkState trained);

  /** On the driver: the result with the state that its worker has sent, if it has. */
  public abstract RoundResult received(RoundResult result);

  /** On the driver: there is nothing left to send. */
  public abstract void close();

  /**
   * On the driver: runs the round's task.
   *
   * @return the mean of the workers' results, or the first failure
   */
  public RoundResult mean(ShardTask<RoundResult> task, JavaRDD<Shard> shards) {
    return RoundResult.mean(task.run(shards).stream().map(this::received).toList());
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

    public static InProcess open(NetworkState start) {
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
    public NetworkState start() {
      return start;
    }

    /** Of two attempts at a partition it keeps either, since both come to the same. */
    @Override
    public NetworkState send(int partition, NetworkState state) {
      trained.put(partition, state);
      return null;
    }

    @Override
    public RoundResult received(RoundResult result) {
      return result.withState(trained.get(result.partition()));
    }

    @Override
    public void close() {
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

    public ByBroadcast(Broadcast<NetworkState> start) {
      this.start = start;
    }

    @Override
    public NetworkState start() {
      return start.value();
    }

    @Override
    public NetworkState send(int partition, NetworkState trained) {
      return trained;
    }

    @Override
    public RoundResult received(RoundResult result) {
      return result;
    }

    @Override
    public RoundResult mean(ShardTask<RoundResult> task, JavaRDD<Shard> shards) {
      int workers = shards.getNumPartitions();
      return workers <= FEW_WORKERS
          ? super.mean(task, shards)
          : SlicedMean.of(task, shards, (int) Math.ceil(Math.sqrt(workers)));
    }

    @Override
    public void close() {
      start.destroy();
    }
  }
}
