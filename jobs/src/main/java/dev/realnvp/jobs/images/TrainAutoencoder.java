package dev.realnvp.jobs.images;

import com.typesafe.config.Config;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.autoencoder.AutoencoderConfig;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Optimizer;
import dev.realnvp.spark.images.ImageTable;
import picocli.CommandLine.Command;

/** Trains the autoencoder on the train split of images/. */
@Command(
    name = "train-ae",
    description = "Trains the convolutional autoencoder on images/, data-parallel.",
    footer = {"", "Example: submit/train-ae.sh --master local[4] --run runs/mine"})
public final class TrainAutoencoder extends ImageTraining {

  public TrainAutoencoder() {
    super(RunStage.TRAIN_AUTOENCODER, "extract-embeddings");
  }

  @Override
  public NewNetwork network(Config config, ImageTable images, Optimizer optimizer) {
    Autoencoder autoencoder =
        Autoencoder.create(
            new AutoencoderConfig(
                images.layout(),
                config.getIntList("autoencoder.channels"),
                config.getInt("autoencoder.code"),
                config.getLong("seed")),
            optimizer);
    return new NewNetwork(
        autoencoder.network(), 0, (pixels, labels) -> Autoencoder.trainingBatch(pixels));
  }
}
