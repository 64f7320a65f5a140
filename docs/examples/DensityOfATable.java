import dev.realnvp.spark.ml.RealNVP;
import dev.realnvp.spark.ml.RealNVPModel;
import dev.realnvp.spark.ml.RealNVPSummary;
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
    SparkSession spark = SparkSession.builder().appName("density of a table").getOrCreate();
    Dataset<Row> table = spark.read().parquet(args[0]);

    RealNVP estimator =
        new RealNVP()
            .setFeaturesCol("features")
            .setContextCol("label")
            .setMaxEpochs(Integer.parseInt(args[2]));
    RealNVPModel model = estimator.fit(table);
    for (RealNVPSummary.Epoch epoch : model.summary().epochs()) {
      System.out.printf("epoch %d: %.3f nats a row%n", epoch.epoch(), epoch.trainLoss());
    }
    model.write().overwrite().save(args[1]);

    RealNVPModel.load(args[1])
        .transform(table)
        .select("id", "label", "prediction", "logProb", "anomaly")
        .orderBy("logProb")
        .show(10);
  }
}
