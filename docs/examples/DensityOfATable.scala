import dev.realnvp.spark.ml.{RealNVP, RealNVPModel}
import org.apache.spark.sql.{DataFrame, SparkSession}

/** Learns the density of a table's rows, class by class, and shows the strangest ones. */
object DensityOfATableInScala {

  /** Arguments: a Parquet table with `id`, `features` and `label`, the model's folder, epochs. */
  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder().getOrCreate()
    try run(spark.read.parquet(args(0)), args(1), args(2).toInt)
    finally spark.stop()
  }

  /** Trains on the table, saves the model, and shows what it says of the table. */
  def run(table: DataFrame, folder: String, epochs: Int): Unit = {
    val model = new RealNVP()
      .setFeaturesCol("features")
      .setContextCol("label")
      .setMaxEpochs(epochs)
      .fit(table)
    model.summary.trainLosses.foreach(loss => println(f"$loss%.3f nats per row"))
    model.write.overwrite().save(folder)

    RealNVPModel
      .load(folder)
      .transform(table)
      .select("id", "label", "prediction", "logProb", "anomalyScore", "anomaly")
      .orderBy("logProb")
      .show(10)
  }
}
