package dev.realnvp.spark.shards;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import scala.Tuple2;

/**
 * Keys with their counts. Equal keys at a short distance are merged, so that frequent rows cost
 * little to send. Not all equal keys are found, so a key may come again. The order changes.
 */
final class RepeatCounts implements Iterator<Tuple2<byte[], Integer>> {

  private static final int PLACES = 1024;

  /** Longer keys do not wait, because they would take too much of a task's memory. */
  private static final int MOST_BYTES = 1 << 14;

  private final Iterator<byte[]> keys;
  private final byte[][] waiting = new byte[PLACES][];
  private final int[] times = new int[PLACES];
  private int emptied;
  private Tuple2<byte[], Integer> ready;

  RepeatCounts(Iterator<byte[]> keys) {
    this.keys = keys;
  }

  @Override
  public boolean hasNext() {
    while (ready == null && (keys.hasNext() || emptied < PLACES)) {
      ready = keys.hasNext() ? wait(keys.next()) : put(null, emptied++);
    }
    return ready != null;
  }

  /** Lets a key wait for equal ones; returns the key that it replaces, or null. */
  private Tuple2<byte[], Integer> wait(byte[] key) {
    if (key.length > MOST_BYTES) {
      return new Tuple2<>(key, 1);
    }
    int place = Math.floorMod(ContentOrder.hash(key), PLACES);
    if (Arrays.equals(key, waiting[place])) {
      times[place]++;
      return null;
    }
    return put(key, place);
  }

  private Tuple2<byte[], Integer> put(byte[] key, int place) {
    byte[] before = waiting[place];
    Tuple2<byte[], Integer> out = before == null ? null : new Tuple2<>(before, times[place]);
    waiting[place] = key;
    times[place] = 1;
    return out;
  }

  @Override
  public Tuple2<byte[], Integer> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Tuple2<byte[], Integer> next = ready;
    ready = null;
    return next;
  }
}
