package dev.realnvp.jobs.images;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.jobs.run.LabelledAnomalies;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.model.Redaction;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImageEmbedder;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.inference.Baselines;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import dev.realnvp.stored.StoredModel;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** Other images, whose test split counts as anomalies: how well a run tells them from its own. */
public record OutOfDistribution(Run run, ImageTable images) {

  /** The setting that names them. */
  public static final String KEY = "evaluate.out-of-distribution";

  /** What the evaluation's manifest calls their fingerprint. */
  public static final String FACT = "against";

  /**
   * Opens them, if some are named.
   *
   * @throws InvalidInputException if they are no images, or none are of the test split
   */
  public static Optional<OutOfDistribution> open(Run run) {
    if (run.place(KEY).isEmpty()) {
      return Optional.empty();
    }
    ImageTable images = run.images(KEY);
    if (images.splits().get(Split.TEST) == 0) {
      throw new InvalidInputException(images.name() + " has no test images to compare with");
    }
    return Optional.of(new OutOfDistribution(run, images));
  }

  public String fingerprint() {
    return images.fingerprint();
  }

  /**
   * Refuses images that the autoencoder does not take, and flows and embeddings that there is
   * nothing to compare by.
   *
   * @param autoencoder empty in a run that is not of images
   */
  public void requireFit(
      Optional<StoredModel> autoencoder, StoredModel flow, EmbeddingTable embeddings) {
    ImageTraining.requireSame(
        images,
        Autoencoder.of(
                autoencoder
                    .orElseThrow(
                        () ->
                            new InvalidInputException(
                                "the run is not of images; expected none in " + KEY))
                    .network())
            .image(),
        run.place("paths.autoencoder"));
    if (flow.calibration().isEmpty()) {
      throw new InvalidInputException(
          "%s has no calibration; expected one, which train-flow.sh makes, to compare by"
              .formatted(run.place("paths.flow")));
    }
    for (String split : new String[] {Split.TRAIN, Split.TEST}) {
      if (embeddings.splits().get(split) < 2) {
        throw new InvalidInputException(
            "%s has %d rows of split '%s'; expected at least 2, to compare with"
                .formatted(embeddings.name(), embeddings.splits().get(split), split));
      }
    }
  }

  /**
   * Scores them, and the run's test rows, as {@code score.sh} would, and compares them.
   *
   * @param embeddings the run's
   * @param detector as the run's rows were scored with
   * @param baselines of the run's train rows
   */
  public Detections compare(
      StoredModel autoencoder,
      StoredModel flow,
      EmbeddingTable embeddings,
      AnomalyDetector detector,
      Baselines baselines) {
    Dataset<Row> embedded =
        ImageEmbedder.embedAndDecode(
                images.split(Split.TEST),
                images.layout(),
                SharedModel.broadcast(run.spark(), autoencoder.network()),
                run.config().getInt("inference.batch"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return Detections.of(
          Redaction.text(images.name()),
          null,
          LabelledAnomalies.scored(
              run,
              flow,
              embeddings.split(Split.TEST),
              embeddings.splits().get(Split.TEST),
              detector,
              baselines),
          LabelledAnomalies.scored(
              run, flow, embedded, images.splits().get(Split.TEST), detector, baselines),
          detector.threshold());
    } finally {
      embedded.unpersist(false);
    }
  }
}
