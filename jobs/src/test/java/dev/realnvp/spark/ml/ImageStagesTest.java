package dev.realnvp.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.images.ImageQuality;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The transformers by models that the jobs have trained. */
@ExtendWith(LocalSpark.class)
class ImageStagesTest {

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Dataset<Row> images;

  @BeforeAll
  static void train(SparkSession session) throws IOException {
    spark = session;
    Config config = SmallImages.run(spark, folder.toString());
    new ExtractEmbeddings().run(spark, config);
    images = spark.read().parquet(path("images"));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void theEmbedderEqualsTheJob() {
    AutoencoderEmbedder embedder = AutoencoderEmbedder.load(path("autoencoder"));
    assertThat(embedder.numFeatures()).isEqualTo(3);
    Dataset<Row> embedded = embedder.transform(images);
    assertThat(embedded.columns())
        .startsWith(images.columns())
        .endsWith("embedding", "reconstructionError", "relativeError");
    assertThat(embedded.schema().fieldNames())
        .isEqualTo(embedder.transformSchema(images.schema()).fieldNames());
    assertThat(
            embedded
                .select(
                    col("id"),
                    functions.vector_to_array(col("embedding"), "float32"),
                    col("reconstructionError"),
                    col("relativeError"))
                .orderBy("id")
                .collectAsList())
        .isEqualTo(
            spark
                .read()
                .parquet(path("embeddings"))
                .select("id", "embedding", "reconstruction_error", "relative_error")
                .orderBy("id")
                .collectAsList());
    assertThat(
            embedder
                .setReconstructionErrorCol("")
                .transform(images)
                .select("relativeError")
                .first())
        .isEqualTo(embedded.select("relativeError").first());
    assertThat(embedder.setRelativeErrorCol("").transform(images).columns()).endsWith("embedding");
  }

  @Test
  void theClassifierSaysWhatTheJobsMeasure() {
    ImageClassifier classifier = ImageClassifier.load(path("classifier"));
    assertThat(classifier.numClasses()).isEqualTo(10);
    Dataset<Row> classified =
        classifier
            .transform(images)
            .withColumn("p", functions.vector_to_array(col("probability"), "float64"));
    Row figures =
        classified
            .selectExpr(
                "max(abs(aggregate(p, 0d, (a, b) -> a + b) - 1))",
                "max(array_max(p) - p[int(prediction)])",
                "avg(int(prediction = label))",
                "count(*)")
            .first();
    assertThat(figures.getDouble(0)).isLessThan(1e-5);
    assertThat(figures.getDouble(1)).isZero();
    StoredModel model =
        ModelDirectory.read(
            spark.sparkContext().hadoopConfiguration(), path("classifier"), "classifier");
    double accuracy =
        ImageQuality.accuracy(
            images, new ImageShape(28, 28, 1), SharedModel.broadcast(spark, model.network()), 64);
    assertThat(figures.getDouble(2)).isCloseTo(accuracy, within(1e-12));
    assertThat(figures.getLong(3)).isEqualTo(images.count());
  }

  @Test
  void whatIsSavedIsLoaded() throws IOException {
    AutoencoderEmbedder plain = AutoencoderEmbedder.load(path("autoencoder"));
    AutoencoderEmbedder embedder =
        plain.copy(new ParamMap().put(plain.embeddingCol().w("code"))).setInferenceBatch(7);
    assertThat(plain.getEmbeddingCol()).isEqualTo("embedding");
    embedder.write().save(path("saved-embedder"));
    AutoencoderEmbedder loaded = AutoencoderEmbedder.load(path("saved-embedder"));
    assertThat(loaded.uid()).isEqualTo(embedder.uid());
    assertThat(loaded.explainParams()).isEqualTo(embedder.explainParams());
    assertThat(some(loaded.transform(images))).isEqualTo(some(embedder.transform(images)));

    ImageClassifier classifier =
        ImageClassifier.load(path("classifier"))
            .setPredictionCol("guess")
            .copy(new ParamMap())
            .setProbabilityCol("p");
    classifier.write().save(path("saved-classifier"));
    ImageClassifier read = ImageClassifier.load(path("saved-classifier"));
    assertThat(read.explainParams()).isEqualTo(classifier.explainParams());
    assertThat(some(read.transform(images))).isEqualTo(some(classifier.transform(images)));

    assertThatThrownBy(() -> ImageClassifier.load(path("autoencoder")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            path("autoencoder") + " holds a model of kind autoencoder; expected classifier");
  }

  private static List<Row> some(Dataset<Row> table) {
    return table.drop("pixels").orderBy("id").limit(50).collectAsList();
  }

  @Test
  void imagesOfAnotherKindAreRefused() {
    ImageClassifier classifier = ImageClassifier.load(path("classifier"));
    assertThatThrownBy(() -> classifier.transform(images.drop("pixels")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "No column 'pixels' for pixelsCol:"
                + " the data set has id, split, label, height, width, channels");
    assertThatThrownBy(() -> classifier.transform(images.withColumn("pixels", expr("'x'"))))
        .hasMessage("Column 'pixels' for pixelsCol is of type string, expected binary");
    assertThatThrownBy(() -> classifier.setPredictionCol("label").transform(images))
        .hasMessage("Column 'label' of predictionCol is in the data set already");
    AutoencoderEmbedder embedder = AutoencoderEmbedder.load(path("autoencoder"));
    assertThatThrownBy(
            () -> embedder.transform(images.withColumn("height", expr("27"))).collectAsList())
        .hasStackTraceContaining("An image is of 27 x 28 x 1; the model takes 28 x 28 x 1");
    assertThatThrownBy(() -> embedder.transform(spark.sql("select X'00ff' pixels")).collectAsList())
        .hasStackTraceContaining(
            "Column 'pixels' holds an image of 2 bytes; the model takes 784, for 28 x 28 x 1");
    assertThatThrownBy(
            () -> embedder.transform(spark.sql("select binary(null) pixels")).collectAsList())
        .hasStackTraceContaining("Column 'pixels' holds a null");
  }
}
