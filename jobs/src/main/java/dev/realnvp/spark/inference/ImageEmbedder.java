package dev.realnvp.spark.inference;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.spark.data.Embeddings;
import dev.realnvp.spark.data.PixelLayout;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Images to their codes. */
public final class ImageEmbedder {

  private ImageEmbedder() {}

  /**
   * Encodes every image; lazily, a batch at a time, with one autoencoder a partition.
   *
   * @param images with the columns of images/
   * @param layout of every image
   * @param model the autoencoder's model.zip
   * @param batch rows of a batch
   * @return rows of {@link Embeddings#SCHEMA}
   */
  public static Dataset<Row> embed(
      Dataset<Row> images, PixelLayout layout, Broadcast<byte[]> model, int batch) {
    MapPartitionsFunction<Row, Row> embed =
        rows -> {
          Autoencoder autoencoder = Autoencoder.of(Models.read(model.value()));
          return new Batched(rows, batch, some -> embed(autoencoder, layout, some));
        };
    return images
        .select("id", "split", "label", "pixels")
        .mapPartitions(embed, Encoders.row(Embeddings.SCHEMA));
  }

  private static List<Row> embed(Autoencoder autoencoder, PixelLayout layout, List<Row> rows) {
    INDArray codes = autoencoder.encode(Rows.pixels(rows, 3, layout));
    float[] values = codes.dup('c').data().asFloat();
    List<Row> embedded = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      embedded.add(
          RowFactory.create(
              row.getLong(0),
              row.getString(1),
              row.getInt(2),
              Rows.boxed(values, i, autoencoder.code())));
    }
    return embedded;
  }
}
