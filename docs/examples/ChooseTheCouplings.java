import dev.realnvp.spark.ml.LogLikelihoodEvaluator;
import dev.realnvp.spark.ml.RealNVP;
import dev.realnvp.spark.ml.RealNVPModel;
import java.io.IOException;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Chooses the number of couplings by the log-likelihood of rows that the flow was not trained on. */
public class ChooseTheCouplings {

  /**
   * @param args a Parquet table with a column {@code features}, and how many epochs to train
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      run(spark.read().parquet(args[0]), Integer.parseInt(args[1]));
    }
  }

  /** Trains three times with each number, and once with the better one. */
  public static void run(Dataset<Row> table, int epochs) {
    RealNVP estimator = new RealNVP().setMaxEpochs(epochs);
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(estimator.couplings(), new int[] {2, 6}).build();
    CrossValidatorModel model =
        new CrossValidator()
            .setEstimator(estimator)
            .setEvaluator(new LogLikelihoodEvaluator())
            .setEstimatorParamMaps(grid)
            .setNumFolds(3)
            .fit(table);

    for (int i = 0; i < grid.length; i++) {
      System.out.printf(
          "%s couplings: %.3f nats per row%n",
          grid[i].apply(estimator.couplings()), model.avgMetrics()[i]);
    }
    RealNVPModel best = (RealNVPModel) model.bestModel();
    System.out.printf("chosen: %d couplings%n", ((RealNVP) best.parent()).getCouplings());
  }
}
