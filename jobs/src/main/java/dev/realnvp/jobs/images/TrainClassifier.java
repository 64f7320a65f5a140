package dev.realnvp.jobs.images;

import com.typesafe.config.Config;
import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.classifier.ClassifierConfig;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Optimizer;
import dev.realnvp.spark.images.ImageTable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** Trains the classifier on the train split of images/. */
@Command(
    name = "train-classifier",
    description = "Trains the classifier that judges reconstructions and samples, data-parallel.",
    footer = {"", "Example: submit/train-classifier.sh --master local[4] --run runs/mine"})
public final class TrainClassifier extends ImageTraining {

  /** Convolutions of images like MNIST's, and the longer side of their maps. */
  private static final List<Integer> USUAL_CHANNELS = List.of(32, 64);

  private static final int LONGEST_MAP = 7;

  private static final int MOST_CHANNELS = 128;

  public TrainClassifier() {
    super(RunStage.TRAIN_CLASSIFIER, "evaluate");
  }

  @Override
  public NewNetwork network(Config config, ImageTable images, Optimizer optimizer) {
    int classes = images.classes();
    Classifier classifier =
        Classifier.create(
            new ClassifierConfig(
                images.layout(),
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

  /**
   * The channels of the convolutions for such images, each of which halves height and width.
   *
   * @param set by the settings; if empty, those of MNIST's images, and of larger ones as many more
   *     as bring the last maps to the size of MNIST's, each twice as wide as the one before, up to
   *     {@value #MOST_CHANNELS}
   */
  public static List<Integer> channels(List<Integer> set, ImageShape layout) {
    if (!set.isEmpty()) {
      return set;
    }
    List<Integer> channels = new ArrayList<>(USUAL_CHANNELS);
    int longer = Math.max(layout.height(), layout.width());
    while (longer > LONGEST_MAP << channels.size()) {
      channels.add(Math.min(2 * channels.get(channels.size() - 1), MOST_CHANNELS));
    }
    return channels;
  }
}
