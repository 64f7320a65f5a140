package dev.realnvp.spark.images;

import dev.realnvp.engine.Batch;
import dev.realnvp.flow.Context;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.shards.FileShard;
import dev.realnvp.spark.shards.RowCodec;
import dev.realnvp.spark.shards.RowFile;
import dev.realnvp.spark.shards.RowFormat;
import dev.realnvp.spark.shards.Shards;
import dev.realnvp.spark.table.Split;
import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Converts tables of images for training, as {@link Shards} does those of embeddings. */
public final class ImageShards {

  private ImageShards() {}

  /**
   * Distributes the images of each split, in one reading; with fewer rows than workers, some shards
   * are empty.
   *
   * @param rows of {@link Images#SCHEMA}
   * @param splits the number of rows of each of {@code train} and {@code test}
   * @param layout every image's shape
   * @param classes K, the number of classes that the model learns; 0 for none
   * @param workers the number of shards
   * @param window the megabytes that the rows of a shuffle window may take
   * @param shift by up to how many pixels each image of a minibatch of {@code train} is moved, down
   *     or up and right or left, at random; see {@link Pixels#move}. The seeds come from ND4J's
   *     generator of the thread, as dropout's do; 0 moves nothing and draws nothing
   * @param assembler makes minibatches of images {@code [N, C, H, W]}
   * @return by split; without {@code test} if it has no rows
   */
  public static Map<String, JavaRDD<Shard>> of(
      Dataset<Row> rows,
      Map<String, Long> splits,
      ImageShape layout,
      int classes,
      int workers,
      int window,
      int shift,
      BatchAssembler assembler) {
    RowFormat format = RowFormat.of(Math.addExact(layout.size(), Integer.BYTES), window);
    return Shards.distribute(
        rows.select(
            Shards.GROUP,
            classes > 0 ? functions.col("label") : functions.lit(Shards.NO_LABEL),
            functions.col("pixels")),
        splits,
        workers,
        row -> {
          byte[] pixels = row.getBinary(2);
          return ByteBuffer.allocate(Integer.BYTES + pixels.length)
              .putInt(row.getInt(1))
              .put(pixels)
              .array();
        },
        split ->
            new ImageCodec(
                format, layout, classes, split.equals(Split.TRAIN) ? shift : 0, assembler));
  }

  /** Images as they lie in a file: their bytes, then the label. */
  private record ImageCodec(
      RowFormat format, ImageShape layout, int classes, int shift, BatchAssembler assembler)
      implements RowCodec {

    @Override
    public void write(ByteBuffer packed, ByteBuffer file) {
      int label = packed.getInt();
      file.put(packed).putInt(label);
    }

    @Override
    public Shard open(RowFile rows) {
      return new ImageShard(rows, this, new byte[layout.size()], new byte[layout.size()]);
    }
  }

  /**
   * Images.
   *
   * @param image one image's bytes, for the time of a copy
   * @param moved the same for an image that is moved
   */
  private record ImageShard(RowFile file, ImageCodec codec, byte[] image, byte[] moved)
      implements FileShard {

    @Override
    public DataSet batch(long[] rows) {
      byte[][] images = new byte[rows.length][];
      SplittableRandom random = random();
      for (int i = 0; i < rows.length; i++) {
        images[i] = read(rows[i], random).clone();
      }
      return codec.assembler.assemble(
          Pixels.toArray(images, codec.layout), labels(rows, image.length));
    }

    @Override
    public void fill(long[] rows, Batch batch) {
      float[] images = batch.inputs().ensureCapacity((long) rows.length * image.length);
      SplittableRandom random = random();
      for (int i = 0; i < rows.length; i++) {
        Pixels.scale(read(rows[i], random), images, i * image.length);
      }
      if (codec.classes > 0) {
        new Context.Classes(labels(rows, image.length), codec.classes)
            .load(rows.length, i -> i, batch);
      }
    }

    /** Of a minibatch's moves; null if there are none. */
    private SplittableRandom random() {
      return codec.shift == 0 ? null : new SplittableRandom(Nd4j.getRandom().nextLong());
    }

    private byte[] read(long row, SplittableRandom random) {
      file.piece(row).get(file.offset(row), image);
      if (random == null) {
        return image;
      }
      int down = random.nextInt(-codec.shift, codec.shift + 1);
      int right = random.nextInt(-codec.shift, codec.shift + 1);
      Pixels.move(image, moved, codec.layout, down, right);
      return moved;
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
