package dev.realnvp.spark.inference;

import dev.realnvp.autoencoder.AutoencoderProgram;
import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.data.PixelLayout;
import dev.realnvp.spark.data.Pixels;
import dev.realnvp.spark.data.Schemas;
import dev.realnvp.spark.model.SharedModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Images to their codes. */
public final class ImageEmbedder {

  private ImageEmbedder() {}

  /**
   * Encodes every image; lazily, a batch at a time, with one autoencoder a partition.
   *
   * @param images with the columns of images/
   * @param layout of every image
   * @param model the autoencoder's model
   * @param batch rows of a batch
   * @return rows of {@link Embeddings#SCHEMA}
   */
  public static Dataset<Row> embed(
      Dataset<Row> images, PixelLayout layout, Broadcast<SharedModel> model, int batch) {
    return embed(images, layout, model, batch, false).drop(Embeddings.RECONSTRUCTION_ERROR);
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
    MapPartitionsFunction<ImageRow, ReconstructedRow> embed =
        rows -> {
          AutoencoderProgram autoencoder = Models.autoencoder(model.value());
          return new Batched<>(rows, batch, some -> embed(autoencoder, layout, some, decode));
        };
    return Schemas.describe(
        images
            .select("id", "split", "label", "pixels")
            .as(Encoders.bean(ImageRow.class))
            .mapPartitions(embed, Encoders.bean(ReconstructedRow.class))
            .select("id", "split", "label", "embedding", "reconstructionError"),
        Embeddings.RECONSTRUCTED);
  }

  private static List<ReconstructedRow> embed(
      AutoencoderProgram autoencoder, PixelLayout layout, List<ImageRow> rows, boolean decode) {
    float[] pixels = Pixels.toFloats(Rows.pixels(rows), layout);
    double[] losses = new double[rows.size()];
    float[] codes =
        decode ? autoencoder.encode(pixels, losses) : autoencoder.encode(pixels, rows.size());
    List<ReconstructedRow> embedded = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      ImageRow image = rows.get(i);
      ReconstructedRow row = new ReconstructedRow();
      row.setId(image.getId());
      row.setSplit(image.getSplit());
      row.setLabel(image.getLabel());
      row.setEmbedding(Rows.row(codes, i, autoencoder.code()));
      row.setReconstructionError(decode ? (Double) losses[i] : null);
      embedded.add(row);
    }
    return embedded;
  }
}
