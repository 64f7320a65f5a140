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
    MapPartitionsFunction<ImageRow, EmbeddingRow> embed =
        rows -> {
          AutoencoderProgram autoencoder = Models.autoencoder(model.value());
          return new Batched<>(rows, batch, some -> embed(autoencoder, layout, some));
        };
    return Schemas.describe(
        images
            .select("id", "split", "label", "pixels")
            .as(Encoders.bean(ImageRow.class))
            .mapPartitions(embed, Encoders.bean(EmbeddingRow.class))
            .select("id", "split", "label", "embedding"),
        Embeddings.SCHEMA);
  }

  private static List<EmbeddingRow> embed(
      AutoencoderProgram autoencoder, PixelLayout layout, List<ImageRow> rows) {
    float[] codes = autoencoder.encode(Pixels.toFloats(Rows.pixels(rows), layout), rows.size());
    List<EmbeddingRow> embedded = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      ImageRow image = rows.get(i);
      EmbeddingRow row = new EmbeddingRow();
      row.setId(image.getId());
      row.setSplit(image.getSplit());
      row.setLabel(image.getLabel());
      row.setEmbedding(Rows.row(codes, i, autoencoder.code()));
      embedded.add(row);
    }
    return embedded;
  }
}
