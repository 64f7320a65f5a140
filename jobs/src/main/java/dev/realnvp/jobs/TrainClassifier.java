package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.classifier.ClassifierConfig;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.model.Optimizer;
import dev.realnvp.spark.images.ImageTable;
import picocli.CommandLine.Command;

/** Trains the classifier on the train split of images/. */
@Command(
    name = "train-classifier",
    description = "Trains the classifier that judges reconstructions and samples, data-parallel.",
    footer = {"", "Example: submit/train-classifier.sh --master local[4] --run runs/mine"})
public final class TrainClassifier extends ImageTraining {

  /** The job with its options. */
  public TrainClassifier() {
    super(RunStage.TRAIN_CLASSIFIER, "evaluate");
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new TrainClassifier(), args);
  }

  @Override
  NewNetwork network(Config config, ImageTable images, Optimizer optimizer) {
    int classes = images.classes();
    Classifier classifier =
        Classifier.create(
            new ClassifierConfig(
                Inputs.shape(images),
                channels(config.getIntList("classifier.channels"), images.layout()),
                config.getInt("classifier.dense"),
                classes,
                config.getLong("seed")),
            optimizer);
    return new NewNetwork(
        classifier.network(),
        classes,
        (pixels, labels) -> Classifier.trainingBatch(pixels, labels, classes));
  }
}
