package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.inference.Evaluation;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The figures of merit that only a run of images has, on its test images. */
record ImageFigures(
    SparkSession spark,
    Config config,
    ImageTable images,
    StoredModel autoencoder,
    Broadcast<SharedModel> coder,
    Broadcast<SharedModel> judge) {

  /**
   * Opens the images, and the models of them.
   *
   * @throws InvalidInputException if one is missing, a model is of other sizes than the images, or
   *     there are no test images
   */
  static ImageFigures open(SparkSession spark, Config config) throws IOException {
    StoredModel autoencoder =
        Inputs.model(spark, config, "paths.autoencoder", ModelKinds.AUTOENCODER);
    StoredModel classifier = Inputs.model(spark, config, "paths.classifier", ModelKinds.CLASSIFIER);
    ImageTable images = Inputs.images(spark, config, "paths.images");
    if (images.splits().get(Split.TEST) == 0) {
      throw new InvalidInputException(images.name() + " has no test images to evaluate on");
    }
    Inputs.requireSame(
        images, Autoencoder.of(autoencoder.network()).image(), config, "paths.autoencoder");
    Inputs.requireSame(
        images, Classifier.of(classifier.network()).image(), config, "paths.classifier");
    return new ImageFigures(
        spark,
        config,
        images,
        autoencoder,
        SharedModel.broadcast(spark, autoencoder.network()),
        SharedModel.broadcast(spark, classifier.network()));
  }

  /** Of the images' content. */
  String fingerprint() {
    return images.fingerprint();
  }

  double reconstructionLoss() {
    return evaluation().reconstructionLoss(test(), images.layout(), coder);
  }

  double accuracy() {
    return evaluation().accuracy(test(), images.layout(), judge);
  }

  double reconstructionAccuracy() {
    return evaluation().reconstructionAccuracy(test(), images.layout(), coder, judge);
  }

  /** Of samples of a flow that is conditioned on the class. */
  double sampleAccuracy() throws IOException {
    Dataset<Row> samples = Inputs.table(spark, config, "paths.samples");
    if (!samples.where(col("pixels").isNull()).isEmpty()) {
      throw new InvalidInputException(
          config.getString("paths.samples") + " has no pixels; it was drawn without autoencoder");
    }
    return evaluation().accuracy(samples, images.layout(), judge);
  }

  private Dataset<Row> test() {
    return images.split(Split.TEST);
  }

  private Evaluation evaluation() {
    return new Evaluation(config.getInt("inference.batch"));
  }
}
