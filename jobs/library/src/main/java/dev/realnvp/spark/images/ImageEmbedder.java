package dev.realnvp.spark.images;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Embeddings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Images to their codes. */
public final class ImageEmbedder {

  /** A code as a column's value. */
  @FunctionalInterface
  public interface Code extends Serializable {

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
      Dataset<Row> images, ImageShape layout, Broadcast<SharedModel> model, int batch) {
    return embed(images, layout, model, batch, false);
  }

  /**
   * As {@link #embed}, and decodes every embedding in the same pass, which takes about as long
   * again.
   *
   * @return rows of {@link Embeddings#RECONSTRUCTED}
   */
  public static Dataset<Row> embedAndDecode(
      Dataset<Row> images, ImageShape layout, Broadcast<SharedModel> model, int batch) {
    return embed(images, layout, model, batch, true);
  }

  private static Dataset<Row> embed(
      Dataset<Row> images,
      ImageShape layout,
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
        judge(model, decode ? Embeddings.ERRORS : List.of(), code -> code));
  }

  /**
   * Encodes images.
   *
   * @param errors of {@link Embeddings#ERRORS}, the values that follow: what a code loses of its
   *     image
   * @param code of the first value
   */
  public static Function0<ImageTransform.Judge> judge(
      Broadcast<SharedModel> model, List<String> errors, Code code) {
    return () -> {
      Autoencoder engine = Autoencoder.of(model.value().network());
      int width = engine.code();
      return (images, rows) -> {
        double[] losses = new double[rows.size()];
        float[] codes =
            errors.isEmpty() ? engine.encode(images, rows.size()) : engine.encode(images, losses);
        double[] relative =
            errors.contains(Embeddings.RELATIVE_ERROR)
                ? engine.relativeErrors(images, losses)
                : new double[0];
        return IntStream.range(0, rows.size())
            .mapToObj(
                i ->
                    Stream.concat(
                            Stream.of(
                                code.of(Arrays.copyOfRange(codes, i * width, (i + 1) * width))),
                            errors.stream()
                                .map(
                                    error ->
                                        error.equals(Embeddings.RELATIVE_ERROR)
                                            ? relative[i]
                                            : losses[i]))
                        .toArray())
            .toArray(Object[][]::new);
      };
    };
  }
}
