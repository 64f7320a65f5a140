package dev.realnvp.spark.training;

import java.io.InvalidObjectException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * By reference, between threads of one JVM: what a task gets by deserialization is the object that
 * the driver has opened. Spares four copies of each state. States are never changed once made.
 */
final class InProcessTransport extends StateTransport {

  private static final long serialVersionUID = 1;

  private static final Map<Long, InProcessTransport> OPEN = new ConcurrentHashMap<>();
  private static final AtomicLong KEYS = new AtomicLong();

  private final long key;
  private final transient NetworkState start;
  private final transient Map<Integer, NetworkState> trained = new ConcurrentHashMap<>();

  private InProcessTransport(long key, NetworkState start) {
    this.key = key;
    this.start = start;
  }

  static InProcessTransport open(NetworkState start) {
    InProcessTransport states = new InProcessTransport(KEYS.incrementAndGet(), start);
    OPEN.put(states.key, states);
    return states;
  }

  private Object readResolve() throws InvalidObjectException {
    InProcessTransport states = OPEN.get(key);
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
