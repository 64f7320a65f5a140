package dev.realnvp.spark.inference;

import dev.realnvp.flow.Explainer.Counterfactual;
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
 * @param names of the features; empty if they have none
 */
public record Explanations(int count, Rows rows, List<String> names) implements Serializable {

  /** Which rows are explained, of those with a finite density. */
  public enum Rows {
    ANOMALIES,
    ALL
  }

  public static final Explanations NONE = new Explanations(0, Rows.ANOMALIES, List.of());

  public static final String COLUMN = "explanation";

  public static final DataType TYPE =
      DataTypes.createArrayType(
          new StructType()
              .add("feature", DataTypes.IntegerType, false)
              .add("value", DataTypes.FloatType, false)
              .add("normal", DataTypes.FloatType, false)
              .add("nats", DataTypes.DoubleType, false)
              .add("name", DataTypes.StringType, true),
          false);

  @FunctionalInterface
  interface Choice extends Serializable {

    /** Whether row i is, if it has a finite density. */
    boolean of(Scored batch, int i);
  }

  /** A column of the explanations of all rows. */
  public static Output column(String name, int count, List<String> names) {
    return new Explanations(count, Rows.ALL, names).column(name, (batch, i) -> true);
  }

  /** A column of the explanations of some rows, null in the others. */
  Output column(String name, Choice choice) {
    return Output.ofBatch(
        name,
        TYPE,
        "the features that make the row strange, most important first: index from 0, value, the"
            + " value that would have been normal, and by how many nats log p(x) then rises, the"
            + " earlier ones replaced, and the feature's name if it has one; null in rows that are"
            + " not explained",
        batch -> {
          int[] explained =
              IntStream.range(0, batch.size())
                  .filter(i -> batch.scores().isFinite(i) && choice.of(batch, i))
                  .toArray();
          List<List<Counterfactual>> repairs = batch.repairs(explained, count);
          Object[] column = new Object[batch.size()];
          for (int i = 0; i < explained.length; i++) {
            column[explained[i]] = repairs.get(i).stream().map(this::row).toArray(Row[]::new);
          }
          return column;
        });
  }

  private Row row(Counterfactual repair) {
    return RowFactory.create(
        repair.feature(),
        repair.value(),
        repair.normal(),
        repair.nats(),
        names.isEmpty() ? null : names.get(repair.feature()));
  }

  /** What the features of an explanation are called: "age", or "feature 3" without names. */
  public static List<String> features(List<Row> explanation) {
    return explanation.stream()
        .map(row -> row.isNullAt(4) ? "feature " + row.getInt(0) : row.getString(4))
        .toList();
  }

  public static List<Counterfactual> repairs(List<Row> explanation) {
    return explanation.stream()
        .map(
            row ->
                new Counterfactual(
                    row.getInt(0), row.getFloat(1), row.getFloat(2), row.getDouble(3)))
        .toList();
  }
}
