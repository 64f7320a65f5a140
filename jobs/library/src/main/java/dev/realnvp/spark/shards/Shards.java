package dev.realnvp.spark.shards;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Converts tables for training: exactly one partition per worker, with one {@link Shard} that has
 * the partition's rows in a file on the executor's local disk. Shards differ by at most one row.
 * They depend only on what training sees of the rows: features, context, weight, and the label if
 * it is learnt. The bits decide: 0 and -0 are two values. Neither ids nor the order or place of the
 * rows change a shard.
 *
 * <p>The result is not persisted yet: until it is, each task writes its file anew.
 */
public final class Shards {

  /**
   * Beside a row's values: label and weight, the key, its group and rank, its length and its count.
   */
  private static final long ROW_BYTES = 2L * Integer.BYTES + 2 * Long.BYTES + 2 * Integer.BYTES + 1;

  /** The split as a number, by which rows are dealt. */
  public static final Column GROUP =
      functions.col("split").equalTo(Split.TEST).cast(DataTypes.ByteType);

  /** Replaces a label that is not learnt. */
  public static final int NO_LABEL = -1;

  private Shards() {}

  /**
   * Distributes the embeddings of each split, in one reading; with fewer rows than workers, some
   * shards are empty.
   *
   * @param rows of an {@link EmbeddingTable} of D + C values per row, {@link
   *     EmbeddingTable#weighed}; all labelled, or none
   * @param splits the number of rows of each of {@code train} and {@code test}
   * @param features D
   * @param context C, how many numbers behind the features the model is conditioned on; 0 for none
   * @param classes K, that the model is conditioned on; 0 for none
   * @param workers how many shards
   * @param window the megabytes that the rows of a shuffle window may take
   * @return by split; without {@code test} if it has no rows
   */
  public static Map<String, JavaRDD<Shard>> embeddings(
      Dataset<Row> rows,
      Map<String, Long> splits,
      int features,
      int context,
      int classes,
      int workers,
      int window) {
    boolean weighted = Embeddings.isWeighted(rows);
    Column weight = weighted ? functions.col(Embeddings.WEIGHT) : functions.lit(1.0);
    Column label = classes > 0 ? functions.col("label") : functions.lit(NO_LABEL);
    int words = features + context + (classes > 0 ? 1 : 0) + (weighted ? 1 : 0);
    EmbeddingCodec codec =
        new EmbeddingCodec(
            RowFormat.of(Math.multiplyExact(words, Float.BYTES), window),
            features,
            context,
            classes,
            weighted);
    return distribute(
        rows.select(GROUP, label, weight, functions.col(Embeddings.COLUMN)),
        splits,
        workers,
        row -> {
          float[] values = row.getArray(3).toFloatArray();
          ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + Float.BYTES * (1 + values.length));
          bytes.putInt(row.getInt(1));
          bytes.putFloat((float) row.getDouble(2));
          bytes.asFloatBuffer().put(values);
          return bytes.array();
        },
        split -> codec);
  }

  /**
   * A row of embeddings as it was dealt.
   *
   * @param label null if it is not learnt
   * @param weight 1 without weights
   * @param values features and context, {@code [D + C]}
   */
  public record DealtRow(Integer label, float weight, float[] values) implements Serializable {}

  /** The rows of {@link #embeddings}, without another reading of their table. */
  public static JavaRDD<DealtRow> rows(JavaRDD<Shard> embeddings) {
    return embeddings.flatMap(
        shard ->
            LongStream.range(0, shard.size()).mapToObj(((EmbeddingShard) shard)::row).iterator());
  }

  /**
   * The bytes that a row takes while rows are dealt out.
   *
   * @param values the bytes of its features and context, or of its pixels
   */
  public static long shuffledBytes(long values) {
    return values + ROW_BYTES;
  }

  /**
   * Distributes the rows of each split, in one reading; with fewer rows than workers, some shards
   * are empty.
   *
   * @param rows {@link #GROUP} first, then what is packed
   * @param splits the number of rows of each of {@code train} and {@code test}
   * @param pack converts a row to bytes
   * @param codecs of each split
   * @return by split; without {@code test} if it has no rows
   */
  public static Map<String, JavaRDD<Shard>> distribute(
      Dataset<Row> rows,
      Map<String, Long> splits,
      int workers,
      Function<InternalRow, byte[]> pack,
      java.util.function.Function<String, RowCodec> codecs) {
    List<String> groups =
        splits.getOrDefault(Split.TEST, 0L) > 0
            ? List.of(Split.TRAIN, Split.TEST)
            : List.of(Split.TRAIN);
    BalancedPartitioner.Dealt dealt =
        BalancedPartitioner.distribute(
            rows,
            groups.stream().mapToLong(splits::get).toArray(),
            workers,
            codecs.apply(Split.TRAIN).format().rowBytes(),
            pack);
    Map<String, JavaRDD<Shard>> shards = new LinkedHashMap<>();
    for (int g = 0; g < groups.size(); g++) {
      RowCodec codec = codecs.apply(groups.get(g));
      shards.put(groups.get(g), new ShardRdd(dealt, g, codec).toJavaRDD());
    }
    return shards;
  }

  /**
   * Embeddings as they lie in a file: D features, C numbers, then the label and the weight where
   * there are some; 4 bytes each.
   */
  private record EmbeddingCodec(
      RowFormat format, int features, int context, int classes, boolean weighted)
      implements RowCodec {

    @Override
    public void write(ByteBuffer packed, ByteBuffer file) {
      int label = packed.getInt();
      int weight = packed.getInt();
      for (int i = 0; i < features + context; i++) {
        file.putInt(packed.getInt());
      }
      if (classes > 0) {
        file.putInt(label);
      }
      if (weighted) {
        file.putInt(weight);
      }
    }

    @Override
    public Shard open(RowFile rows) {
      return new EmbeddingShard(rows, this);
    }
  }

  private record EmbeddingShard(RowFile file, EmbeddingCodec codec) implements FileShard {

    /** To be called for all rows in their order: with the first one of a block it is verified. */
    DealtRow row(long row) {
      if (row % codec.format.blockRows() == 0) {
        verify((int) (row / codec.format.blockRows()));
      }
      ByteBuffer piece = file.piece(row);
      int at = file.offset(row);
      float[] values = new float[codec.features + codec.context];
      for (int j = 0; j < values.length; j++, at += Float.BYTES) {
        values[j] = piece.getFloat(at);
      }
      Integer label = codec.classes > 0 ? piece.getInt(at) : null;
      int last = file.offset(row) + codec.format.rowBytes() - Float.BYTES;
      return new DealtRow(label, codec.weighted ? piece.getFloat(last) : 1, values);
    }

    @Override
    public DataSet batch(long[] rows) {
      if (codec.weighted) {
        throw new UnsupportedOperationException("DL4J's own training takes no rows with weights");
      }
      return RealNVP.trainingBatch(
          array(rows, 0, codec.features),
          codec.classes > 0
              ? new Context.Classes(labels(rows), codec.classes).array(rows.length, i -> i)
              : array(rows, codec.features, codec.context));
    }

    /** Some columns of some rows, {@code [N, width]}; null if there are none. */
    private INDArray array(long[] rows, int first, int width) {
      if (width == 0) {
        return null;
      }
      Floats columns = new Floats();
      columns(rows, first, width, columns);
      return Nd4j.create(columns.array(), new long[] {rows.length, width}, 'f');
    }

    @Override
    public void fill(long[] rows, Batch batch) {
      columns(rows, 0, codec.features, batch.inputs());
      if (codec.weighted) {
        float[] weights = batch.weigh();
        int at = codec.format.rowBytes() - Float.BYTES;
        for (int i = 0; i < rows.length; i++) {
          weights[i] = file.piece(rows[i]).getFloat(file.offset(rows[i]) + at);
        }
      }
      if (codec.classes > 0) {
        new Context.Classes(labels(rows), codec.classes).load(rows.length, i -> i, batch);
      } else if (codec.context > 0) {
        columns(rows, codec.features, codec.context, batch.context());
      }
    }

    /** Copies some columns of some rows, {@code [width, N]}. */
    private void columns(long[] rows, int first, int width, Floats to) {
      float[] columns = to.ensureCapacity((long) rows.length * width);
      for (int i = 0; i < rows.length; i++) {
        ByteBuffer piece = file.piece(rows[i]);
        int from = file.offset(rows[i]) + first * Float.BYTES;
        for (int j = 0; j < width; j++) {
          columns[j * rows.length + i] = piece.getFloat(from + j * Float.BYTES);
        }
      }
    }

    private int[] labels(long[] rows) {
      return labels(rows, (codec.features + codec.context) * Float.BYTES);
    }
  }
}
