package dev.realnvp.spark.inference;

import dev.realnvp.autoencoder.AutoencoderProgram;
import dev.realnvp.classifier.ClassifierProgram;
import dev.realnvp.flow.FlowProgram;
import dev.realnvp.spark.data.ExactSums;
import dev.realnvp.spark.data.PixelLayout;
import dev.realnvp.spark.data.Pixels;
import dev.realnvp.spark.model.SharedModel;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Figures of merit over tables, summed on the executors, exactly: one model a partition, a batch at
 * a time, and only the sums come to the driver.
 */
public final class Evaluation implements Serializable {

  /** Judges one batch. */
  @FunctionalInterface
  private interface Judge<A> {

    /** A figure a row. */
    double[] of(List<A> rows);
  }

  /** Makes a judge where it is used: it holds a network. */
  @FunctionalInterface
  private interface JudgeFactory<A> extends Serializable {

    Judge<A> make();
  }

  private final int batch;

  /**
   * @param batch rows of a batch
   */
  public Evaluation(int batch) {
    this.batch = batch;
  }

  /** Mean binary cross-entropy of the reconstructions, a pixel, in nats. */
  public double reconstructionLoss(
      Dataset<Row> table, PixelLayout layout, Broadcast<SharedModel> autoencoder) {
    return mean(
        labelled(table),
        () -> {
          AutoencoderProgram network = Models.autoencoder(autoencoder.value());
          return rows -> network.losses(pixels(rows, layout), rows.size());
        });
  }

  /** The share of images that the classifier gives their label. */
  public double accuracy(
      Dataset<Row> images, PixelLayout layout, Broadcast<SharedModel> classifier) {
    return mean(
        labelled(images),
        () -> {
          ClassifierProgram network = Models.classifier(classifier.value());
          return rows -> agreement(network.likeliest(pixels(rows, layout), rows.size()), rows);
        });
  }

  /** The share of reconstructions that the classifier gives the original's label. */
  public double reconstructionAccuracy(
      Dataset<Row> images,
      PixelLayout layout,
      Broadcast<SharedModel> autoencoder,
      Broadcast<SharedModel> classifier) {
    return mean(
        labelled(images),
        () -> {
          AutoencoderProgram coder = Models.autoencoder(autoencoder.value());
          ClassifierProgram network = Models.classifier(classifier.value());
          return rows -> {
            float[] codes = coder.encode(pixels(rows, layout), rows.size());
            float[] decoded = coder.decode(codes, rows.size());
            return agreement(network.likeliest(decoded, rows.size()), rows);
          };
        });
  }

  /**
   * The greatest {@code |inverse(forward(x)) - x|} over all rows and features.
   *
   * @param classes K, that the flow is conditioned on; 0 for an unconditional flow
   */
  public double roundTripError(Dataset<Row> embeddings, Broadcast<SharedModel> flow, int classes) {
    return figures(
            embeddings
                .select("id", "split", "label", "embedding")
                .as(Encoders.bean(EmbeddingRow.class)),
            () -> {
              FlowProgram density = Models.flow(flow.value());
              return rows ->
                  density.roundTripErrors(
                      Rows.embeddings(rows), classes == 0 ? null : labels(rows), rows.size());
            })
        .agg(functions.max("value"))
        .first()
        .getDouble(0);
  }

  private static Dataset<LabelledImage> labelled(Dataset<Row> table) {
    return table.select("label", "pixels").as(Encoders.bean(LabelledImage.class));
  }

  private <A> double mean(Dataset<A> table, JudgeFactory<A> judge) {
    return figures(table, judge).agg(ExactSums.mean(functions.col("value"))).first().getDouble(0);
  }

  /** A figure a row. */
  private <A> Dataset<Double> figures(Dataset<A> table, JudgeFactory<A> factory) {
    int size = batch;
    MapPartitionsFunction<A, Double> judge =
        rows -> {
          Judge<A> judging = factory.make();
          return new Batched<>(
              rows, size, some -> Arrays.stream(judging.of(some)).boxed().toList());
        };
    return table.mapPartitions(judge, Encoders.DOUBLE());
  }

  private static float[] pixels(List<LabelledImage> rows, PixelLayout layout) {
    return Pixels.toFloats(Rows.pixels(rows), layout);
  }

  private static int[] labels(List<EmbeddingRow> rows) {
    return rows.stream().mapToInt(EmbeddingRow::getLabel).toArray();
  }

  private static double[] agreement(int[] predicted, List<LabelledImage> rows) {
    double[] agrees = new double[predicted.length];
    for (int i = 0; i < agrees.length; i++) {
      agrees[i] = predicted[i] == rows.get(i).getLabel() ? 1 : 0;
    }
    return agrees;
  }
}
