package dev.realnvp.spark.data;

import dev.realnvp.spark.training.Shard;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Tables as what training works on: exactly one partition a worker, of one {@link Shard} with the
 * partition's rows as plain arrays. Rows are dealt out one by one, so shards differ by one row at
 * most, and are the same at every run. They are not cached yet.
 */
public final class Shards {
  /** In place of a label where there is none. */
  private static final int NO_LABEL = -1;

  private Shards() {}

  /**
   * Spreads images; with fewer rows than workers, some shards are empty.
   *
   * @param rows of {@link Images#SCHEMA}, say {@code table.split("train")}
   * @param layout every image's shape
   * @param classes K, that the model learns to tell apart; 0 for none
   * @param workers how many shards
   * @param assembler makes minibatches of images {@code [N, C, H, W]}
   */
  public static JavaRDD<Shard> images(
      Dataset<Row> rows, PixelLayout layout, int classes, int workers, BatchAssembler assembler) {
    return Spreader.spread(
        rows.select("label", "pixels"),
        workers,
        row -> {
          byte[] pixels = row.getBinary(1);
          return ByteBuffer.allocate(Integer.BYTES + pixels.length)
              .putInt(row.getInt(0))
              .put(pixels)
              .array();
        },
        (packed, size) -> imageShard(packed, size, layout, classes, assembler));
  }

  private static Shard imageShard(
      Iterator<byte[]> packed,
      int size,
      PixelLayout layout,
      int classes,
      BatchAssembler assembler) {
    byte[][] pixels = new byte[size][];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      ByteBuffer row = ByteBuffer.wrap(packed.next());
      labels[i] = row.getInt();
      pixels[i] = new byte[layout.size()];
      row.get(pixels[i]);
    }
    return new ImageShard(pixels, labels, layout, classes, assembler);
  }

  /**
   * Spreads embeddings; with fewer rows than workers, some shards are empty.
   *
   * @param rows of an {@link EmbeddingTable}, say {@code table.split("train")}; all labelled, or
   *     none
   * @param features D, the values an embedding
   * @param classes K, that the model is conditioned on; 0 for none
   * @param workers how many shards
   * @param assembler makes minibatches of embeddings {@code [N, D]}, where rows have no weights
   */
  public static JavaRDD<Shard> embeddings(
      Dataset<Row> rows, int features, int classes, int workers, BatchAssembler assembler) {
    return embeddings(rows, features, 0, classes, workers, assembler);
  }

  /**
   * Spreads embeddings that are conditioned on numbers, which stand behind each.
   *
   * @param rows of an {@link EmbeddingTable} of D + C values a row
   * @param features D
   * @param context C, at least 1
   * @param workers how many shards
   */
  public static JavaRDD<Shard> conditioned(
      Dataset<Row> rows, int features, int context, int workers) {
    return embeddings(rows, features, context, 0, workers, null);
  }

  private static JavaRDD<Shard> embeddings(
      Dataset<Row> rows,
      int features,
      int context,
      int classes,
      int workers,
      BatchAssembler assembler) {
    boolean weighted = Embeddings.isWeighted(rows);
    Column weight = weighted ? functions.col(Embeddings.WEIGHT) : functions.lit(1.0);
    return Spreader.spread(
        rows.select(functions.col("label"), weight, functions.col(Embeddings.COLUMN)),
        workers,
        row -> {
          float[] values = row.getArray(2).toFloatArray();
          ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + Float.BYTES * (1 + values.length));
          bytes.putInt(row.isNullAt(0) ? NO_LABEL : row.getInt(0));
          bytes.putFloat((float) row.getDouble(1));
          bytes.asFloatBuffer().put(values);
          return bytes.array();
        },
        (packed, size) ->
            embeddingShard(packed, size, features, context, classes, weighted, assembler));
  }

  private static Shard embeddingShard(
      Iterator<byte[]> packed,
      int size,
      int features,
      int context,
      int classes,
      boolean weighted,
      BatchAssembler assembler) {
    int width = features + context;
    float[] values = new float[Math.multiplyExact(size, width)];
    int[] labels = new int[size];
    float[] weights = new float[size];
    boolean labelled = size > 0;
    for (int i = 0; i < size; i++) {
      ByteBuffer row = ByteBuffer.wrap(packed.next());
      labels[i] = row.getInt();
      labelled &= labels[i] != NO_LABEL;
      weights[i] = row.getFloat();
      row.asFloatBuffer().get(values, i * width, width);
    }
    return new EmbeddingShard(
        values,
        labelled ? labels : new int[0],
        weighted ? weights : new float[0],
        size,
        features,
        context,
        classes,
        assembler);
  }

  static int[] pick(int[] from, int[] rows) {
    int[] picked = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      picked[i] = from[rows[i]];
    }
    return picked;
  }
}
