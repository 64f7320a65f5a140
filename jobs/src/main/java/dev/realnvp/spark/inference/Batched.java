package dev.realnvp.spark.inference;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Maps a partition's rows batch by batch, as they are asked for: no more than one batch is held.
 *
 * @param <A> a row that comes in
 * @param <B> a row that goes out
 */
final class Batched<A, B> implements Iterator<B> {

  private final Iterator<A> rows;
  private final int size;
  private final Function<List<A>, List<B>> map;
  private Iterator<B> ready = Collections.emptyIterator();

  /**
   * @param rows of a partition
   * @param size rows of a batch, at least 1
   * @param map makes a batch's rows, as many as there are or fewer
   */
  Batched(Iterator<A> rows, int size, Function<List<A>, List<B>> map) {
    this.rows = rows;
    this.size = size;
    this.map = map;
  }

  @Override
  public boolean hasNext() {
    while (!ready.hasNext() && rows.hasNext()) {
      List<A> batch = new ArrayList<>(size);
      while (batch.size() < size && rows.hasNext()) {
        batch.add(rows.next());
      }
      ready = map.apply(batch).iterator();
    }
    return ready.hasNext();
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.next();
  }
}
