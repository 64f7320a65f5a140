import dev.realnvp.spark.ml.AutoencoderEmbedder;
import dev.realnvp.spark.ml.ImageClassifier;
import dev.realnvp.spark.ml.RealNVP;
import java.io.IOException;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** From the images of a run to the densities of their embeddings, in one pipeline that is saved. */
public class DensityOfImages {

  /**
   * @param args the folder of a run with {@code images/}, {@code autoencoder/} and {@code
   *     classifier/}, the folder for the pipeline, and how many epochs to train
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      run(spark, args[0], args[1], Integer.parseInt(args[2]));
    }
  }

  /** Trains on the run's train images, saves the pipeline, and shows what it says of the others. */
  public static void run(SparkSession spark, String run, String folder, int epochs)
      throws IOException {
    Dataset<Row> images = spark.read().parquet(run + "/images");

    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  AutoencoderEmbedder.load(run + "/autoencoder"),
                  new RealNVP()
                      .setFeaturesCol("embedding")
                      .setContextCol("label")
                      .setMaxEpochs(epochs),
                  ImageClassifier.load(run + "/classifier")
                      .setProbabilityCol("imageProbability")
                      .setPredictionCol("imagePrediction")
                });
    PipelineModel model = pipeline.fit(images.where("split = 'train'"));
    model.write().overwrite().save(folder);

    PipelineModel.load(folder)
        .transform(images.where("split = 'test'"))
        .select(
            "id", "label", "prediction", "imagePrediction", "logProb", "anomalyScore", "anomaly")
        .orderBy("logProb")
        .show(10);
  }
}
