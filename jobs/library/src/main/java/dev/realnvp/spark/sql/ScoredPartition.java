package dev.realnvp.spark.sql;

import dev.realnvp.spark.table.BatchTransform.Batched;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/**
 * Appends to a partition's rows, a batch at a time, what functions say of them.
 *
 * @param calls in the order in which they are appended
 */
final class ScoredPartition extends AbstractFunction1<Iterator<Object>, Iterator<Object>>
    implements Serializable {

  private static final long serialVersionUID = 1;

  /**
   * A function and its argument.
   *
   * @param at the place of the argument in the rows
   * @param argument its type
   */
  record Call(FlowFunction function, int at, StructType argument) implements Serializable {

    private List<Object> of(List<InternalRow> rows) {
      Function1<Object, Object> in = CatalystTypeConverters.createToScalaConverter(argument);
      Function1<Object, Object> out =
          CatalystTypeConverters.createToCatalystConverter(function.type());
      List<Row> arguments = new ArrayList<>(rows.size());
      for (InternalRow row : rows) {
        arguments.add(
            row.isNullAt(at) ? null : (Row) in.apply(row.getStruct(at, argument.length())));
      }
      List<Object> values = new ArrayList<>(rows.size());
      for (Object value : function.of(arguments)) {
        values.add(out.apply(value));
      }
      return values;
    }
  }

  private final List<Call> calls;

  ScoredPartition(List<Call> calls) {
    this.calls = List.copyOf(calls);
  }

  @Override
  @SuppressWarnings("deprecation") // Of Scala 2.13; what replaces it is not in 2.12.
  public Iterator<Object> apply(Iterator<Object> partition) {
    int size = calls.stream().mapToInt(call -> call.function().rowsAtOnce()).min().orElseThrow();
    // Spark has one row, which it fills again and again.
    java.util.Iterator<InternalRow> rows =
        new java.util.Iterator<>() {
          @Override
          public boolean hasNext() {
            return partition.hasNext();
          }

          @Override
          public InternalRow next() {
            return ((InternalRow) partition.next()).copy();
          }
        };
    return JavaConverters.asScalaIteratorConverter(new Batched<>(rows, size, this::scored))
        .asScala();
  }

  private List<Object> scored(List<InternalRow> rows) {
    List<List<Object>> columns = calls.stream().map(call -> call.of(rows)).toList();
    List<Object> scored = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Object[] values = new Object[columns.size()];
      for (int j = 0; j < values.length; j++) {
        values[j] = columns.get(j).get(i);
      }
      scored.add(new JoinedRow(rows.get(i), new GenericInternalRow(values)));
    }
    return scored;
  }
}
