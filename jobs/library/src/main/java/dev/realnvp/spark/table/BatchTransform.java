package dev.realnvp.spark.table;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Appends columns to rows, a batch at a time, with one model per task; lazily. */
public final class BatchTransform {

  /** Computes what is appended to a batch. */
  @FunctionalInterface
  public interface Mapper {

    /**
     * The values of each row's appended columns.
     *
     * @return {@code [N][]}; null for a row to leave out
     */
    Object[][] of(List<Row> rows);
  }

  private BatchTransform() {}

  /**
   * Appends the columns.
   *
   * @param rows with the columns that stay, then those that the mapper reads
   * @param kept how many columns stay
   * @param schema of the result: the columns that stay, then the appended ones
   * @param batch rows of a batch, at least 1
   * @param factory makes the mapper where it is used: it holds a network
   */
  public static Dataset<Row> append(
      Dataset<Row> rows, int kept, StructType schema, int batch, Function0<Mapper> factory) {
    MapPartitionsFunction<Row, Row> map =
        partition -> {
          Mapper mapper = factory.call();
          return new Batched<>(partition, batch, some -> append(some, kept, mapper.of(some)));
        };
    return Schemas.describe(rows.mapPartitions(map, Encoders.row(schema)), schema);
  }

  private static List<Row> append(List<Row> rows, int kept, Object[][] values) {
    List<Row> appended = new ArrayList<>(rows.size());
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        Object[] all = new Object[kept + values[i].length];
        for (int j = 0; j < kept; j++) {
          all[j] = rows.get(i).get(j);
        }
        System.arraycopy(values[i], 0, all, kept, values[i].length);
        appended.add(RowFactory.create(all));
      }
    }
    return appended;
  }

  /**
   * Maps a partition's rows batch by batch, as they are asked for: no more than one batch is held.
   *
   * @param <A> a row that comes in
   * @param <B> a row that goes out
   */
  public static final class Batched<A, B> implements Iterator<B> {

    private final Iterator<A> rows;
    private final int size;
    private final Function<List<A>, List<B>> map;
    private Iterator<B> ready = Collections.emptyIterator();

    /**
     * @param rows of a partition
     * @param size rows of a batch, at least 1
     * @param map makes a batch's rows, as many as there are or fewer
     */
    public Batched(Iterator<A> rows, int size, Function<List<A>, List<B>> map) {
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
}
