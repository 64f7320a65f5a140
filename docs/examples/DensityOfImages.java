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
    SparkSession spark = SparkSession.builder().appName("density of images").getOrCreate();
    Dataset<Row> images = spark.read().parquet(args[0] + "/images");

    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  AutoencoderEmbedder.load(args[0] + "/autoencoder"),
                  new RealNVP()
                      .setFeaturesCol("embedding")
                      .setContextCol("label")
                      .setMaxEpochs(Integer.parseInt(args[2])),
                  ImageClassifier.load(args[0] + "/classifier")
                      .setProbabilityCol("imageProbability")
                      .setPredictionCol("imagePrediction")
                });
    PipelineModel model = pipeline.fit(images.where("split = 'train'"));
    model.write().overwrite().save(args[1]);

    PipelineModel.load(args[1])
        .transform(images.where("split = 'test'"))
        .select("id", "label", "prediction", "imagePrediction", "logProb", "anomaly")
        .orderBy("logProb")
        .show(10);
  }
}
