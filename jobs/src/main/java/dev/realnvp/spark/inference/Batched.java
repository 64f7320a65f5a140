package dev.realnvp.spark.inference;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/**
 * Maps a partition's rows batch by batch, as they are asked for: no more than one batch is held.
 */
final class Batched implements Iterator<Row> {

  private final Iterator<Row> rows;
  private final int size;
  private final Function<List<Row>, List<Row>> map;
  private Iterator<Row> ready = Collections.emptyIterator();

  Batched(Iterator<Row> rows, int size, Function<List<Row>, List<Row>> map) {
    this.rows = rows;
    this.size = size;
    this.map = map;
  }

  @Override
  public boolean hasNext() {
    while (!ready.hasNext() && rows.hasNext()) {
      List<Row> batch = new ArrayList<>(size);
      while (batch.size() < size && rows.hasNext()) {
        batch.add(rows.next());
      }
      ready = map.apply(batch).iterator();
    }
    return ready.hasNext();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new java.util.NoSuchElementException();
    }
    return ready.next();
  }
}
