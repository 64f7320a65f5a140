package dev.realnvp.spark.shards;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.RowArrays;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.images.Pixels;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.training.Shard;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Converts tables for training: exactly one partition per worker, with one {@link Shard} that has
 * the partition's rows as plain arrays. Shards differ by at most one row. They depend only on what
 * training sees of the rows: features, context, weight, and the label if it is learnt. The bits
 * decide: 0 and -0 are two values. Neither ids nor the order or place of the rows change a shard.
 * The result is not cached yet.
 */
public final class Shards {
  /** Replaces a label that is not learnt. */
  private static final int NO_LABEL = -1;

  private Shards() {}

  /**
   * Distributes images; with fewer rows than workers, some shards are empty.
   *
   * @param rows of {@link Images#SCHEMA}, for example {@code table.split("train")}
   * @param layout every image's shape
   * @param classes K, the number of classes that the model learns; 0 for none
   * @param workers the number of shards
   * @param assembler makes minibatches of images {@code [N, C, H, W]}
   */
  public static JavaRDD<Shard> images(
      Dataset<Row> rows, PixelLayout layout, int classes, int workers, BatchAssembler assembler) {
    return BalancedPartitioner.spread(
        rows.select(
            classes > 0 ? functions.col("label") : functions.lit(NO_LABEL),
            functions.col("pixels")),
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
      Iterator<ByteBuffer> packed,
      int size,
      PixelLayout layout,
      int classes,
      BatchAssembler assembler) {
    byte[][] pixels = new byte[size][];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      ByteBuffer row = packed.next();
      labels[i] = row.getInt();
      pixels[i] = new byte[layout.size()];
      row.get(pixels[i]);
    }
    return new ImageShard(pixels, labels, layout, classes, assembler);
  }

  /**
   * Distributes embeddings; with fewer rows than workers, some shards are empty.
   *
   * @param rows of an {@link EmbeddingTable} of D + C values per row, say {@code
   *     table.split("train")}; all labelled, or none
   * @param features D
   * @param context C, how many numbers behind the features the model is conditioned on; 0 for none
   * @param classes K, that the model is conditioned on; 0 for none
   * @param workers how many shards
   */
  public static JavaRDD<Shard> embeddings(
      Dataset<Row> rows, int features, int context, int classes, int workers) {
    boolean weighted = Embeddings.isWeighted(rows);
    Column weight = weighted ? functions.col(Embeddings.WEIGHT) : functions.lit(1.0);
    Column label = classes > 0 ? functions.col("label") : functions.lit(NO_LABEL);
    return BalancedPartitioner.spread(
        rows.select(label, weight, functions.col(Embeddings.COLUMN)),
        workers,
        row -> {
          float[] values = row.getArray(2).toFloatArray();
          ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + Float.BYTES * (1 + values.length));
          bytes.putInt(row.getInt(0));
          bytes.putFloat((float) row.getDouble(1));
          bytes.asFloatBuffer().put(values);
          return bytes.array();
        },
        (packed, size) -> embeddingShard(packed, size, features, context, classes, weighted));
  }

  private static Shard embeddingShard(
      Iterator<ByteBuffer> packed,
      int size,
      int features,
      int context,
      int classes,
      boolean weighted) {
    float[] values = new float[Math.multiplyExact(size, features)];
    float[] numbers = new float[Math.multiplyExact(size, context)];
    int[] labels = new int[size];
    float[] weights = new float[size];
    for (int i = 0; i < size; i++) {
      ByteBuffer row = packed.next();
      labels[i] = row.getInt();
      weights[i] = row.getFloat();
      row.asFloatBuffer().get(values, i * features, features).get(numbers, i * context, context);
    }
    Context given = context > 0 ? new Context.Values(numbers, context) : Context.NONE;
    return new EmbeddingShard(
        values,
        classes > 0 ? new Context.Classes(labels, classes) : given,
        weighted ? weights : new float[0],
        size,
        features);
  }

  /**
   * A partition's embeddings.
   *
   * @param values all embeddings, one after the other
   * @param context what each is conditioned on, a row per embedding
   * @param weights one per embedding, 1 on average over all shards; empty if all count the same
   * @param size how many embeddings
   * @param features values per embedding
   */
  private record EmbeddingShard(
      float[] values, Context context, float[] weights, int size, int features) implements Shard {

    @Override
    public DataSet batch(int[] rows) {
      if (weights.length > 0) {
        throw new UnsupportedOperationException("DL4J's own training takes no rows with weights");
      }
      float[] picked = new float[Math.multiplyExact(rows.length, features)];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(values, rows[i] * features, picked, i * features, features);
      }
      return RealNVP.trainingBatch(
          Nd4j.create(picked, new long[] {rows.length, features}, 'c'),
          context.array(rows.length, i -> rows[i]));
    }

    @Override
    public void fill(int[] rows, Batch batch) {
      RowArrays.columns(values, features, rows.length, i -> rows[i], batch.inputs());
      if (weights.length > 0) {
        float[] picked = batch.weigh();
        for (int i = 0; i < rows.length; i++) {
          picked[i] = weights[rows[i]];
        }
      }
      context.load(rows.length, i -> rows[i], batch.context());
    }
  }

  /**
   * A partition's images as bytes, a quarter of their size as floats.
   *
   * @param pixels one array per image, in the layout's format
   * @param labels one per image
   * @param layout every image's shape
   * @param classes K, whose one-hot vectors are the engine's context; 0 for none
   * @param assembler makes minibatches
   */
  private record ImageShard(
      byte[][] pixels, int[] labels, PixelLayout layout, int classes, BatchAssembler assembler)
      implements Shard {

    @Override
    public int size() {
      return pixels.length;
    }

    @Override
    public DataSet batch(int[] rows) {
      float[] images = new float[Math.multiplyExact(rows.length, layout.size())];
      for (int i = 0; i < rows.length; i++) {
        Pixels.copy(pixels[rows[i]], images, i * layout.size(), layout);
      }
      return assembler.assemble(
          Pixels.array(images, rows.length, layout),
          IntStream.of(rows).map(row -> labels[row]).toArray());
    }

    @Override
    public void fill(int[] rows, Batch batch) {
      float[] images = batch.inputs().atLeast((long) rows.length * layout.size());
      for (int i = 0; i < rows.length; i++) {
        Pixels.scale(pixels[rows[i]], images, i * layout.size());
      }
      if (classes > 0) {
        new Context.Classes(labels, classes).load(rows.length, i -> rows[i], batch.context());
      }
    }
  }

  /** Makes a model's minibatch of images: what is input and what is label depends on the model. */
  @FunctionalInterface
  public interface BatchAssembler extends Serializable {
    /**
     * Makes the minibatch.
     *
     * @param images {@code [N, C, H, W]} in 0..1; floats, owned by the minibatch
     * @param labels {@code [N]}
     */
    DataSet assemble(INDArray images, int[] labels);
  }
}
