import dev.realnvp.spark.ml.RealNVPModel;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;

/** Scores the rows of files as they arrive, and appends the scores to a table. */
public class ScoreAStream {

  /**
   * @param args the folder of a model, the folder where Parquet files with columns {@code id} and
   *     {@code features} arrive, the folder of the scores, and that of the checkpoint
   */
  public static void main(String[] args) throws Exception {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      run(spark, args[0], args[1], args[2], args[3]);
    }
  }

  /** Scores the files that arrived since the last call with the same checkpoint. */
  public static void run(
      SparkSession spark, String folder, String arriving, String scores, String checkpoint)
      throws Exception {
    StructType schema = spark.read().parquet(arriving).schema();
    RealNVPModel.load(folder)
        .setHandleInvalid("skip")
        .transform(spark.readStream().schema(schema).parquet(arriving))
        .select("id", "logProb", "anomalyScore", "anomaly")
        .writeStream()
        .option("checkpointLocation", checkpoint)
        .trigger(Trigger.AvailableNow())
        .start(scores)
        .awaitTermination();
  }
}
