package dev.realnvp.jobs.run;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.scores.AnomalyDetector;
import dev.realnvp.scores.Calibration;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.stored.StoredModel;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a flow and its calibration say of rows. */
public final class Scoring {

  private Scoring() {}

  /** Which rows are anomalies, or that too few rows can tell. */
  public static String threshold(AnomalyDetector detector, Calibration calibration, double rate) {
    String by = detector.reconstructs() ? " and " + detector.errorColumn().replace('_', ' ') : "";
    String rows = "%,d %s rows".formatted(calibration.count(), calibration.split());
    if (Double.isInfinite(detector.threshold())) {
      return "no anomalies by density%s: %s are too few for a threshold that %s of rows exceed, so anomaly and class_anomaly stay null"
          .formatted(by, rows, rate);
    }
    int classes = calibration.classes();
    long without = IntStream.range(0, classes).filter(k -> !detector.hasThreshold(k)).count();
    return "anomalies by density%s: above %.4g, which at most %s of %s are"
            .formatted(by, detector.threshold(), rate, rows)
        + (without == 0
            ? ""
            : "; class_anomaly stays null for %,d of %,d classes, which have too few of them"
                .formatted(without, classes));
  }

  /**
   * Scores rows with what only a flow and its calibration say of them.
   *
   * @param rows with the columns of embeddings/
   * @param detector of anomalies; null where the flow has no calibration
   */
  public static Dataset<Row> plain(
      Run run, StoredModel flow, Dataset<Row> rows, AnomalyDetector detector) {
    return FlowScorer.score(
        rows,
        SharedModel.broadcast(run.spark(), flow.network()),
        FlowModel.prior(flow, RealNVP.of(flow.network())),
        flow.temperature(),
        LabelNames.NONE,
        detector,
        Explanations.NONE,
        0,
        run.config().getInt("inference.batch"));
  }

  /** The detector for rows of which these errors are known. */
  public static AnomalyDetector detector(
      Calibration calibration, List<String> errors, double falseAlarmRate) {
    return calibration.errorColumn().filter(errors::contains).isPresent()
        ? calibration.detector(falseAlarmRate)
        : calibration.densityDetector(falseAlarmRate);
  }
}
