package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.autoencoder.AutoencoderEngine;
import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.classifier.ClassifierEngine;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.images.ImageTransform;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.BatchTransform;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.ExactSums;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Figures of merit over tables, summed on the executors, exactly: one model a partition, a batch at
 * a time, and only the sums come to the driver.
 *
 * @param batch rows of a batch
 */
public record Evaluation(int batch) implements Serializable {

  private static final StructField VALUE =
      new StructField("value", DoubleType, true, Metadata.empty());

  /** Mean binary cross-entropy of the reconstructions per pixel, in nats. */
  public double reconstructionLoss(
      Dataset<Row> table, ImageShape layout, Broadcast<SharedModel> autoencoder) {
    return mean(
        table,
        layout,
        () -> {
          AutoencoderEngine network =
              AutoencoderEngine.of(Autoencoder.of(autoencoder.value().network()));
          return (images, rows) -> column(network.losses(images, rows.size()));
        });
  }

  /** The share of images that the classifier gives their label. */
  public double accuracy(
      Dataset<Row> images, ImageShape layout, Broadcast<SharedModel> classifier) {
    return mean(
        images,
        layout,
        () -> {
          ClassifierEngine network =
              ClassifierEngine.of(Classifier.of(classifier.value().network()));
          return (pixels, rows) -> agreement(network.mostLikelyClass(pixels, rows.size()), rows);
        });
  }

  /** The share of reconstructions that the classifier gives the original's label. */
  public double reconstructionAccuracy(
      Dataset<Row> images,
      ImageShape layout,
      Broadcast<SharedModel> autoencoder,
      Broadcast<SharedModel> classifier) {
    return mean(
        images,
        layout,
        () -> {
          AutoencoderEngine coder =
              AutoencoderEngine.of(Autoencoder.of(autoencoder.value().network()));
          ClassifierEngine network =
              ClassifierEngine.of(Classifier.of(classifier.value().network()));
          return (pixels, rows) -> {
            float[] decoded = coder.decode(coder.encode(pixels, rows.size()), rows.size());
            return agreement(network.mostLikelyClass(decoded, rows.size()), rows);
          };
        });
  }

  /**
   * The greatest {@code |inverse(forward(x)) - x|} over all rows and features.
   *
   * @param embeddings for a flow that is conditioned on numbers, with these behind the features; a
   *     row without a label that the flow knows goes through its likeliest class
   * @param prior a weight per class; none for a flow that is conditioned on numbers
   */
  public double roundTripError(
      Dataset<Row> embeddings, Broadcast<SharedModel> flow, double[] prior) {
    RealNVP network = RealNVP.of(flow.value().network());
    int classes = Math.min(network.context(), prior.length);
    int width = classes > 0 ? 0 : network.context();
    Column[] inputs = FlowScorer.inputs(width > 0 ? network.features() : 0);
    return BatchTransform.append(
            embeddings.select(col("label"), inputs[0].as("features"), inputs[1].as("context")),
            0,
            new StructType().add(VALUE),
            Math.min(batch, ClassMixture.rowsAtOnce(classes)),
            () -> {
              FlowEngine density = FlowEngine.of(RealNVP.of(flow.value().network()));
              VectorColumn x = new VectorColumn(Embeddings.COLUMN, "features", density.features());
              VectorColumn numbers = new VectorColumn(Embeddings.COLUMN, "numbers", width);
              return rows ->
                  column(
                      density.roundTripErrors(
                          x.matrix(rows, 1),
                          classes > 0
                              ? classes(rows, x.matrix(rows, 1), flow.value(), prior)
                              : width > 0
                                  ? new Context.Values(numbers.matrix(rows, 2), width)
                                  : Context.NONE,
                          rows.size()));
            })
        .agg(functions.max("value"))
        .first()
        .getDouble(0);
  }

  private static Context classes(List<Row> rows, float[] x, SharedModel model, double[] prior) {
    Predicate<Row> known = row -> !row.isNullAt(0) && row.getInt(0) < prior.length;
    ClassMixture.Scores scores =
        rows.stream().allMatch(known)
            ? null
            : new ClassMixture(RealNVP.of(model.network()), prior)
                .score(x, Context.NONE, rows.size());
    IntUnaryOperator label =
        i -> known.test(rows.get(i)) ? rows.get(i).getInt(0) : scores.mostLikelyClass(i);
    return new Context.Classes(IntStream.range(0, rows.size()).map(label).toArray(), prior.length);
  }

  private double mean(
      Dataset<Row> table, ImageShape layout, Function0<ImageTransform.Judge> figures) {
    StructType schema = new StructType().add("label", IntegerType).add(VALUE);
    return ImageTransform.append(
            table.select(col("label"), col("pixels"), ImageTransform.NO_SIZES),
            layout,
            "pixels",
            schema,
            batch,
            figures)
        .agg(ExactSums.mean(col("value")))
        .first()
        .getDouble(0);
  }

  /** A row's one value each. */
  private static Object[][] column(double[] values) {
    return Arrays.stream(values).mapToObj(value -> new Object[] {value}).toArray(Object[][]::new);
  }

  private static Object[][] agreement(int[] predicted, List<Row> rows) {
    return column(
        IntStream.range(0, predicted.length)
            .mapToDouble(i -> predicted[i] == rows.get(i).getInt(0) ? 1 : 0)
            .toArray());
  }
}
