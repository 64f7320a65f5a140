package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.autoencoder.AutoencoderEngine;
import dev.realnvp.spark.images.PixelLayout;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Images to their codes. */
public final class ImageEmbedder {

  /** A code as a column's value. */
  @FunctionalInterface
  public interface Code extends Serializable {

    /** Turns it into one. */
    Object of(float[] code);
  }

  private ImageEmbedder() {}

  /**
   * Encodes every image; lazily, a batch at a time, with one autoencoder per task.
   *
   * @param images with the columns of images/
   * @param layout of every image
   * @param model the autoencoder's model
   * @param batch rows of a batch
   * @return rows of {@link Embeddings#SCHEMA}
   */
  public static Dataset<Row> embed(
      Dataset<Row> images, PixelLayout layout, Broadcast<SharedModel> model, int batch) {
    return embed(images, layout, model, batch, false);
  }

  /**
   * As {@link #embed}, and decodes every embedding in the same pass, which takes about as long
   * again.
   *
   * @return rows of {@link Embeddings#RECONSTRUCTED}
   */
  public static Dataset<Row> embedAndDecode(
      Dataset<Row> images, PixelLayout layout, Broadcast<SharedModel> model, int batch) {
    return embed(images, layout, model, batch, true);
  }

  private static Dataset<Row> embed(
      Dataset<Row> images,
      PixelLayout layout,
      Broadcast<SharedModel> model,
      int batch,
      boolean decode) {
    return ImageTransform.append(
        images.select(
            col("id"), col("split"), col("label"), col("pixels"), ImageTransform.NO_SIZES),
        layout,
        "pixels",
        decode ? Embeddings.RECONSTRUCTED : Embeddings.SCHEMA,
        batch,
        judge(model, decode, code -> code));
  }

  /**
   * Encodes images.
   *
   * @param decode whether what a code loses of its image is the second value
   * @param code of the first value
   */
  public static Function0<ImageTransform.Judge> judge(
      Broadcast<SharedModel> model, boolean decode, Code code) {
    return () -> {
      AutoencoderEngine engine = Models.autoencoder(model.value());
      int width = engine.code();
      return (images, rows) -> {
        double[] losses = new double[rows.size()];
        float[] codes = decode ? engine.encode(images, losses) : engine.encode(images, rows.size());
        return IntStream.range(0, rows.size())
            .mapToObj(
                i -> {
                  Object value = code.of(Arrays.copyOfRange(codes, i * width, (i + 1) * width));
                  return decode ? new Object[] {value, losses[i]} : new Object[] {value};
                })
            .toArray(Object[][]::new);
      };
    };
  }
}
