package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.inference.ImageDecoder;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.table.EmbeddingTable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * What lies in the folder of samples beside them: pictures where there is an autoencoder, and what
 * the settings ask for besides.
 */
record SampleExtras(
    SparkSession spark,
    Config config,
    RealNVP flow,
    Optional<Autoencoder> autoencoder,
    Optional<SampleNeighbours> neighbours,
    Optional<SampleInterpolation> interpolation) {

  /**
   * Reads the embeddings, if the settings ask for what is made of them.
   *
   * @throws dev.realnvp.spark.failure.ConfigurationException if a setting is out of range
   * @throws dev.realnvp.spark.failure.InvalidInputException if the embeddings are not what they
   *     should be
   */
  static SampleExtras of(
      SparkSession spark,
      Config config,
      StoredModel model,
      RealNVP flow,
      Optional<Autoencoder> autoencoder) {
    int most = config.getInt("sample.neighbours");
    int steps = config.getInt("sample.steps");
    Optional<SampleInterpolation.Ids> ids = SampleInterpolation.ids(config);
    if (most == 0 && ids.isEmpty()) {
      return new SampleExtras(spark, config, flow, autoencoder, Optional.empty(), Optional.empty());
    }
    EmbeddingTable table = Inputs.embeddings(spark, config, model, flow);
    return new SampleExtras(
        spark,
        config,
        flow,
        autoencoder,
        most == 0 ? Optional.empty() : Optional.of(SampleNeighbours.of(table, flow, most)),
        ids.map(of -> SampleInterpolation.of(of, steps, table, flow)));
  }

  /** Adds all of it to the written samples. */
  void write(String folder, SampleCounts counts) throws IOException {
    Optional<Pictures> pictures =
        autoencoder.map(of -> new Pictures(spark, of)).filter(Pictures::possible);
    if (pictures.isPresent()) {
      pictures.get().samples(folder, counts);
      pictures.get().reconstructions(config, folder);
    }
    if (neighbours.isPresent()) {
      List<SampleNeighbours.Pair> pairs = neighbours.get().write(spark, folder, counts);
      if (pictures.isPresent()) {
        pictures.get().neighbours(config, folder, pairs);
      }
    }
    if (interpolation.isPresent()) {
      List<byte[]> images =
          interpolation.get().write(spark, folder, flow, autoencoder.map(ImageDecoder::new));
      if (pictures.isPresent()) {
        pictures.get().interpolation(folder, images);
      }
    }
  }
}
