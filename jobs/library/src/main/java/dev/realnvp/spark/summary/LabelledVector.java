package dev.realnvp.spark.summary;

import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.RowSample;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A row of a table of vectors.
 *
 * @param id of the row
 * @param label null if there is none
 * @param values D of them
 */
public record LabelledVector(long id, Integer label, float[] values) {

  /**
   * At most so many rows of a table's split, on the driver; the same rows for any files.
   *
   * @param most the number of rows that the driver has memory for
   */
  public static List<LabelledVector> sample(EmbeddingTable table, String split, int most) {
    return sample(table.split(split), table.splits().get(split), most, table.content());
  }

  /**
   * The same for rows.
   *
   * @param rows with the columns {@code id, label, embedding}
   * @param count the number of rows
   * @param content columns that distinguish the rows
   */
  public static List<LabelledVector> sample(
      Dataset<Row> rows, long count, int most, Column... content) {
    // A few more, because a draw may fall short: six of its deviations.
    long some = most + Math.round(6 * Math.sqrt(most));
    return collect(RowSample.of(rows, count, some, content).limit(most));
  }

  /**
   * All of a table's rows, in its order, on the driver.
   *
   * @param rows with the columns {@code id, label, embedding}
   */
  public static List<LabelledVector> collect(Dataset<Row> rows) {
    return rows.select("id", "label", "embedding").collectAsList().stream()
        .map(
            row ->
                new LabelledVector(
                    row.getLong(0), row.<Integer>getAs(1), Embeddings.floats(row.getList(2))))
        .toList();
  }
}
