package dev.realnvp.jobs.images;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImageQuality;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The figures of merit that only a run of images has, on its test images. */
public record ImageFigures(
    Run run,
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
  public static ImageFigures open(Run run) throws IOException {
    StoredModel autoencoder = run.model(RunStage.TRAIN_AUTOENCODER);
    StoredModel classifier = run.model(RunStage.TRAIN_CLASSIFIER);
    ImageTable images = run.images("paths.images");
    if (images.splits().get(Split.TEST) == 0) {
      throw new InvalidInputException(images.name() + " has no test images to evaluate on");
    }
    ImageTraining.requireSame(
        images, Autoencoder.of(autoencoder.network()).image(), run.place("paths.autoencoder"));
    ImageTraining.requireSame(
        images, Classifier.of(classifier.network()).image(), run.place("paths.classifier"));
    return new ImageFigures(
        run,
        images,
        autoencoder,
        SharedModel.broadcast(run.spark(), autoencoder.network()),
        SharedModel.broadcast(run.spark(), classifier.network()));
  }

  public String fingerprint() {
    return images.fingerprint();
  }

  public ImageQuality quality() {
    return ImageQuality.of(images.split(Split.TEST), images.layout(), coder, judge, batch());
  }

  /** Of samples of a flow that is conditioned on the class. */
  public double sampleAccuracy() throws IOException {
    Dataset<Row> samples = run.table("paths.samples");
    if (!samples.where(col("pixels").isNull()).isEmpty()) {
      throw new InvalidInputException(
          run.place("paths.samples") + " has no pixels; it was drawn without autoencoder");
    }
    return ImageQuality.accuracy(samples, images.layout(), judge, batch());
  }

  private int batch() {
    return run.config().getInt("inference.batch");
  }
}
