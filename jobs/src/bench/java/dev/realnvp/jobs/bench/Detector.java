package dev.realnvp.jobs.bench;

import static org.apache.spark.ml.functions.array_to_vector;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nanvl;
import static org.apache.spark.sql.functions.udf;

import com.linkedin.relevance.isolationforest.IsolationForest;
import dev.realnvp.jobs.Score;
import dev.realnvp.jobs.TrainFlow;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.ml.clustering.GaussianMixture;
import org.apache.spark.ml.clustering.GaussianMixtureModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.stat.distribution.MultivariateGaussian;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import scala.util.Properties;

/** Learns from rows, and scores rows: the greater, the stranger. */
@FunctionalInterface
interface Detector {

  String SCORE = "score";

  /** The column that is 1 for an anomaly. */
  String LABEL = "label";

  String OURS = "RealNVP";

  String FOREST = "isolation forest (Spark)";

  String MIXTURE = "Gaussian mixture (Spark)";

  /**
   * Rows in Parquet.
   *
   * @param bench what runs the jobs
   * @param train to learn from: the columns of {@link #features}
   * @param test to score: the same, and {@link #LABEL}
   * @param features how many there are
   * @param seed of whatever a detector draws
   */
  record Task(Workbench bench, String train, String test, int features, int seed) {

    /** The names of so many features. */
    static List<String> columns(int features) {
      return IntStream.range(0, features).mapToObj(j -> "x" + j).toList();
    }

    private Dataset<Row> read(String place) {
      return bench.spark().read().parquet(place);
    }

    private Dataset<Row> vectors(String place) {
      Column[] all = columns(features).stream().map(functions::col).toArray(Column[]::new);
      return read(place).withColumn("features", array_to_vector(array(all)));
    }
  }

  /** The scores of the rows in any order, with their labels. */
  Dataset<Row> score(Task task) throws IOException;

  /** Those that run on Spark, by name. */
  static Map<String, Detector> all() {
    Map<String, Detector> all = new LinkedHashMap<>();
    all.put(OURS, Detector::flow);
    // LinkedIn's library is for Scala 2.12, that of Spark 3.5, here.
    if (Properties.versionNumberString().startsWith("2.12")) {
      all.put(FOREST, Detector::isolationForest);
    }
    all.put(MIXTURE, Detector::mixture);
    return all;
  }

  /** What {@code train-flow} and {@code score} do. */
  private static Dataset<Row> flow(Task task) throws IOException {
    Workbench bench = task.bench();
    String model = bench.place("detection-flow");
    String scores = bench.place("detection-flow-scores");
    new TrainFlow()
        .run(
            bench.spark(),
            bench.settings(
                "paths.embeddings=" + task.train(),
                "table.features-cols=" + String.join(",", Task.columns(task.features())),
                "paths.flow=" + model,
                "seed=" + task.seed()));
    new Score()
        .run(
            bench.spark(),
            bench.settings(
                "paths.embeddings=" + task.test(),
                "paths.flow=" + model,
                "paths.scores=" + scores));
    return labelled(task.read(scores), col("anomaly_score"));
  }

  /** LinkedIn's, at its defaults. It refuses to draw more rows for a tree than there are. */
  private static Dataset<Row> isolationForest(Task task) {
    Dataset<Row> train = task.vectors(task.train());
    IsolationForest forest = new IsolationForest();
    forest.setRandomSeed(task.seed());
    forest.setMaxSamples(Math.min(forest.getMaxSamples(), train.count()));
    return labelled(
        forest.fit(train).transform(task.vectors(task.test())), col(forest.getScoreCol()));
  }

  /** Of ten components, or of fewer so that each has fifty rows. */
  private static Dataset<Row> mixture(Task task) {
    Dataset<Row> train = task.vectors(task.train());
    int components = (int) Math.max(2, Math.min(10, train.count() / 50));
    GaussianMixtureModel model =
        new GaussianMixture().setK(components).setSeed(task.seed()).fit(train);
    double[] weights = model.weights();
    MultivariateGaussian[] gaussians = model.gaussians();
    UDF1<Vector, Double> strangeness = row -> -logDensity(weights, gaussians, row);
    return labelled(
        task.vectors(task.test()), udf(strangeness, DataTypes.DoubleType).apply(col("features")));
  }

  /** log p(x), in nats; Spark's model has only the posteriors of the components. */
  private static double logDensity(double[] weights, MultivariateGaussian[] gaussians, Vector row) {
    double[] terms = new double[weights.length];
    double greatest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < terms.length; k++) {
      terms[k] = Math.log(weights[k]) + gaussians[k].logpdf(row);
      greatest = Math.max(greatest, terms[k]);
    }
    double sum = 0;
    for (double term : terms) {
      sum += Math.exp(term - greatest);
    }
    return greatest + Math.log(sum);
  }

  /**
   * With the labels; a row without a finite density, which has no score, is as strange as can be.
   */
  private static Dataset<Row> labelled(Dataset<Row> rows, Column score) {
    Column most = lit(Double.POSITIVE_INFINITY);
    return rows.select(col(LABEL), nanvl(coalesce(score, most), most).as(SCORE));
  }
}
