package dev.realnvp.spark.ml;

import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.images.ImageTransform;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.stored.StoredModel;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.Function0;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Classifies images by a classifier that the job {@code train-classifier} has trained.
 *
 * <pre>{@code
 * ImageClassifier classifier = ImageClassifier.load("runs/a/classifier");
 * Dataset<Row> classified = classifier.transform(images);
 * }</pre>
 */
public final class ImageClassifier extends ImageStage<ImageClassifier>
    implements ClassifierColumns<ImageClassifier> {

  private final Classifier classifier;

  ImageClassifier(String uid, StoredModel stored) {
    super(uid, stored);
    this.classifier = Classifier.of(stored.network());
  }

  /** K, the number of classes. */
  public int numClasses() {
    return classifier.classes();
  }

  @Override
  ImageShape image() {
    return classifier.image();
  }

  @Override
  Function0<ImageTransform.Judge> judge(Broadcast<SharedModel> model) {
    int classes = numClasses();
    return () -> {
      Classifier engine = Classifier.of(model.value().network());
      return (images, rows) -> {
        float[] all = engine.probabilities(images, rows.size());
        return IntStream.range(0, rows.size())
            .mapToObj(i -> Columns.vector(Arrays.copyOfRange(all, i * classes, (i + 1) * classes)))
            .map(vector -> new Object[] {vector, (double) vector.argmax()})
            .toArray(Object[][]::new);
      };
    };
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Columns.require(schema, getPixelsCol(), "pixelsCol", DataTypes.BinaryType);
    StructType judged =
        Columns.append(
            schema,
            getProbabilityCol(),
            SQLDataTypes.VectorType(),
            "P(class | image) of each class",
            "probabilityCol");
    return Columns.append(
        judged,
        getPredictionCol(),
        DataTypes.DoubleType,
        "class with the highest probability",
        "predictionCol");
  }

  @Override
  public ImageClassifier copy(ParamMap extra) {
    return copyValues(new ImageClassifier(uid(), stored), extra);
  }

  /** Reads a classifier that {@link #write} saved, or the model of {@code train-classifier}. */
  public static MLReader<ImageClassifier> read() {
    return new ModelReader<>(
        ImageClassifier.class, ModelDirectory.CLASSIFIER, ImageClassifier::new);
  }

  public static ImageClassifier load(String path) {
    return read().load(path);
  }
}
