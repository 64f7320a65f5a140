package dev.realnvp.spark.inference;

import java.util.Arrays;
import java.util.List;

/** Batches of rows as plain arrays, row-major, and the arrays' rows. */
final class Rows {

  private Rows() {}

  /**
   * The embeddings one after the other, {@code [N, D]}.
   *
   * @throws IllegalArgumentException if one has another length than the first
   */
  static float[] embeddings(List<? extends EmbeddingRow> rows) {
    int features = rows.get(0).getEmbedding().length;
    float[] values = new float[Math.multiplyExact(rows.size(), features)];
    int at = 0;
    for (EmbeddingRow row : rows) {
      float[] embedding = row.getEmbedding();
      if (embedding.length != features) {
        throw new IllegalArgumentException(
            "Row %d has %d features, expected %d as the batch's first"
                .formatted(row.getId(), embedding.length, features));
      }
      System.arraycopy(embedding, 0, values, at, features);
      at += features;
    }
    return values;
  }

  /** The images, an array each. */
  static byte[][] pixels(List<? extends LabelledImage> rows) {
    return rows.stream().map(LabelledImage::getPixels).toArray(byte[][]::new);
  }

  /** Row i of a matrix {@code [N, D]}. */
  static float[] row(float[] matrix, int i, int features) {
    return Arrays.copyOfRange(matrix, i * features, (i + 1) * features);
  }
}
