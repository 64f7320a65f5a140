package dev.realnvp.spark.images;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.ExactSums;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Figures of merit of images, summed on the executors, exactly.
 *
 * @param loss the mean binary cross-entropy of the reconstructions per pixel, in nats
 * @param accuracy the share of images that the classifier gives their label
 * @param decodedAccuracy the share of reconstructions that it gives the label of their original
 */
public record ImageQuality(double loss, double accuracy, double decodedAccuracy) {

  private static final StructType CLASS =
      new StructType().add("label", DataTypes.IntegerType).add("predicted", DataTypes.IntegerType);

  /**
   * Measures them, in one pass.
   *
   * @param images with the columns label and pixels
   * @param batch rows of a batch
   */
  public static ImageQuality of(
      Dataset<Row> images,
      ImageShape shape,
      Broadcast<SharedModel> autoencoder,
      Broadcast<SharedModel> classifier,
      int batch) {
    Row means =
        judged(
                images,
                shape,
                CLASS.add("decoded", DataTypes.IntegerType).add("loss", DataTypes.DoubleType),
                batch,
                () -> {
                  Autoencoder coder = Autoencoder.of(autoencoder.value().network());
                  Classifier judge = Classifier.of(classifier.value().network());
                  return (pixels, rows) -> {
                    double[] losses = new double[rows.size()];
                    float[] decoded = coder.decode(coder.encode(pixels, losses), losses.length);
                    int[] predicted = judge.mostLikelyClass(pixels, losses.length);
                    int[] ofDecoded = judge.mostLikelyClass(decoded, losses.length);
                    return IntStream.range(0, losses.length)
                        .mapToObj(i -> new Object[] {predicted[i], ofDecoded[i], losses[i]})
                        .toArray(Object[][]::new);
                  };
                })
            .agg(ExactSums.mean(col("loss")), share("predicted"), share("decoded"))
            .first();
    return new ImageQuality(means.getDouble(0), means.getDouble(1), means.getDouble(2));
  }

  /** The share of images that the classifier gives their label. */
  public static double accuracy(
      Dataset<Row> images, ImageShape shape, Broadcast<SharedModel> classifier, int batch) {
    return judged(
            images,
            shape,
            CLASS,
            batch,
            () -> {
              Classifier judge = Classifier.of(classifier.value().network());
              return (pixels, rows) ->
                  IntStream.of(judge.mostLikelyClass(pixels, rows.size()))
                      .mapToObj(predicted -> new Object[] {predicted})
                      .toArray(Object[][]::new);
            })
        .agg(share("predicted"))
        .first()
        .getDouble(0);
  }

  private static Column share(String predicted) {
    return ExactSums.mean(col(predicted).equalTo(col("label")).cast(DataTypes.DoubleType));
  }

  private static Dataset<Row> judged(
      Dataset<Row> images,
      ImageShape shape,
      StructType schema,
      int batch,
      Function0<ImageTransform.Judge> judge) {
    return ImageTransform.append(
        images.select(col("label"), col("pixels"), ImageTransform.NO_SIZES),
        shape,
        "pixels",
        schema,
        batch,
        judge);
  }
}
