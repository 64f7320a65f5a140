import dev.realnvp.spark.ml.{RealNVP, RealNVPModel}
import org.apache.spark.sql.SparkSession

/** Learns the density of a table's rows, class by class, and shows the strangest ones. */
object DensityOfATableInScala {

  /** Arguments: a Parquet table with `id`, `features` and `label`, the model's folder, epochs. */
  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder().appName("density of a table").getOrCreate()
    val table = spark.read.parquet(args(0))

    val model = new RealNVP()
      .setFeaturesCol("features")
      .setContextCol("label")
      .setMaxEpochs(args(2).toInt)
      .fit(table)
    model.summary.trainLosses.foreach(loss => println(f"$loss%.3f nats a row"))
    model.write.overwrite().save(args(1))

    RealNVPModel
      .load(args(1))
      .transform(table)
      .select("id", "label", "prediction", "logProb", "anomaly")
      .orderBy("logProb")
      .show(10)
  }
}
