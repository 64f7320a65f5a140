package dev.realnvp.spark.ml;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.images.Ingest;
import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.images.TrainClassifier;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * A run of the jobs on a thousand images, with an autoencoder and a classifier that learn little.
 */
final class SmallImages {

  private SmallImages() {}

  /** Makes images and models in a run's folder; returns the run's settings. */
  static Config run(SparkSession spark, String run) throws IOException {
    Config config =
        Settings.load(
            null,
            List.of(
                "ingest.data=src/test/resources/fashion-mnist-1000",
                "autoencoder.channels=[2, 4]",
                "autoencoder.code=3",
                "autoencoder.epochs=1",
                "classifier.channels=[2, 4]",
                "classifier.dense=8",
                "classifier.epochs=1"),
            Map.of("run", run));
    new Ingest().run(spark, config);
    new TrainAutoencoder().run(spark, config);
    new TrainClassifier().run(spark, config);
    return config;
  }
}
