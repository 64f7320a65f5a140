package dev.realnvp.spark.inference;

import dev.realnvp.spark.data.PixelLayout;
import dev.realnvp.spark.data.Pixels;
import java.util.List;
import org.apache.spark.sql.Row;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Batches of rows as arrays, and back. */
final class Rows {

  private Rows() {}

  /** The array column at that position, {@code [N, D]}. */
  static INDArray embeddings(List<Row> rows, int column) {
    int features = rows.get(0).getList(column).size();
    float[] values = new float[Math.multiplyExact(rows.size(), features)];
    int at = 0;
    for (Row row : rows) {
      for (Object value : row.getList(column)) {
        values[at++] = (Float) value;
      }
    }
    return Nd4j.createFromArray(values).reshape(rows.size(), features);
  }

  /** The binary column at that position as images for a network, {@code [N, C, H, W]}. */
  static INDArray pixels(List<Row> rows, int column, PixelLayout layout) {
    byte[][] images = rows.stream().map(row -> row.<byte[]>getAs(column)).toArray(byte[][]::new);
    return Pixels.toArray(images, layout);
  }

  /** Row i of a matrix, as Spark takes an array column. */
  static Float[] boxed(float[] matrix, int i, int features) {
    Float[] row = new Float[features];
    for (int j = 0; j < features; j++) {
      row[j] = matrix[i * features + j];
    }
    return row;
  }
}
