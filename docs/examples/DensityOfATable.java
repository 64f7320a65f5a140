import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.ml.RealNVP;
import dev.realnvp.spark.ml.RealNVPModel;
import java.io.IOException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Learns the density of a table's rows, class by class, and shows the strangest ones. */
public class DensityOfATable {

  /**
   * @param args a Parquet table with columns {@code id}, {@code features} (a vector or an array) and
   *     {@code label}, the folder for the model, and how many epochs to train
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      run(spark, args[0], args[1], Integer.parseInt(args[2]));
    }
  }

  /** Trains on the table, saves the model, and shows what it says of the table. */
  public static void run(SparkSession spark, String path, String folder, int epochs)
      throws IOException {
    Dataset<Row> table = spark.read().parquet(path);

    RealNVP estimator =
        new RealNVP().setFeaturesCol("features").setContextCol("label").setMaxEpochs(epochs);
    RealNVPModel model = estimator.fit(table);
    for (EpochStats epoch : model.summary().epochs()) {
      System.out.printf("epoch %d: %.3f nats per row%n", epoch.epoch(), epoch.trainLoss());
    }
    model.write().overwrite().save(folder);

    RealNVPModel.load(folder)
        .transform(table)
        .select("id", "label", "prediction", "logProb", "anomalyScore", "anomaly")
        .orderBy("logProb")
        .show(10);
  }
}
