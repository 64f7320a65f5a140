package dev.realnvp.spark.summary;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A row of a table of vectors.
 *
 * @param id its number
 * @param label null where there is none
 * @param values D of them
 */
public record LabelledVector(long id, Integer label, float[] values) {

  /**
   * Some of a table's rows, all of them if it has no more. The same ones each time: a hash of the
   * id chooses.
   *
   * @param rows with the columns {@code id, label, embedding}
   */
  public static List<LabelledVector> sample(Dataset<Row> rows, int most) {
    return collect(rows.orderBy(xxhash64(col("id")), col("id")).limit(most));
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
                new LabelledVector(row.getLong(0), row.<Integer>getAs(1), floats(row.getList(2))))
        .toList();
  }

  private static float[] floats(List<Float> list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i);
    }
    return values;
  }
}
