package dev.realnvp.spark.inference;

import dev.realnvp.flow.Explainer.Repair;
import dev.realnvp.spark.inference.FlowTransform.Output;
import dev.realnvp.spark.inference.FlowTransform.Scored;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Which rows of scores/ are explained.
 *
 * @param count how many features an explanation names at most; 0 for no explanations
 * @param rows which rows
 */
public record Explanations(int count, Rows rows) implements Serializable {

  /** Which rows are explained, of those with a finite density. */
  public enum Rows {
    /** The anomalies. */
    ANOMALIES,
    /** All. */
    ALL
  }

  /** No explanations. */
  public static final Explanations NONE = new Explanations(0, Rows.ANOMALIES);

  /** The column of scores/. */
  public static final String COLUMN = "explanation";

  /** Its type. */
  public static final DataType TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add("feature", DataTypes.IntegerType, false)
              .add("value", DataTypes.FloatType, false)
              .add("normal", DataTypes.FloatType, false)
              .add("nats", DataTypes.DoubleType, false),
          false);

  /** Tells which rows of a batch are explained. */
  @FunctionalInterface
  interface Choice extends Serializable {

    /** Whether row i is, if it has a finite density. */
    boolean of(Scored batch, int i);
  }

  /** A column of the explanations of all rows. */
  public static Output column(String name, int count) {
    return column(name, count, (batch, i) -> true);
  }

  /** A column of the explanations of some rows, null in the others. */
  static Output column(String name, int count, Choice choice) {
    return Output.ofBatch(
        name,
        TYPE,
        "the features that make the row strange, most important first: index from 0, value, the"
            + " value that would have been normal, and by how many nats log p(x) then rises, the"
            + " earlier ones replaced; null in rows that are not explained",
        batch -> {
          int[] explained =
              IntStream.range(0, batch.size())
                  .filter(i -> batch.isFinite(i) && choice.of(batch, i))
                  .toArray();
          List<List<Repair>> repairs = batch.repairs(explained, count);
          Object[] column = new Object[batch.size()];
          for (int i = 0; i < explained.length; i++) {
            column[explained[i]] =
                repairs.get(i).stream().map(Explanations::row).toArray(Row[]::new);
          }
          return column;
        });
  }

  private static Row row(Repair repair) {
    return RowFactory.create(repair.feature(), repair.value(), repair.normal(), repair.nats());
  }

  /** Reads an explanation. */
  public static List<Repair> repairs(List<Row> explanation) {
    return explanation.stream()
        .map(row -> new Repair(row.getInt(0), row.getFloat(1), row.getFloat(2), row.getDouble(3)))
        .toList();
  }
}
