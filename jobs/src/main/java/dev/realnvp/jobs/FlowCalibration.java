package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Checked;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.spark.data.EmbeddingTable;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.scores.AnomalyDetector;
import dev.realnvp.spark.scores.Calibration;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Calibrates a trained flow on the rows that were held out, and judges others by them. */
final class FlowCalibration {

  private FlowCalibration() {}

  /**
   * The calibration on the rows that the training was validated on; where there are none, on those
   * that it was trained on, which look likelier to the flow than others.
   */
  static Optional<Calibration> of(
      SparkSession spark, Config config, EmbeddingTable table, StoredModel trained) {
    String split = table.splits().get(Split.TEST) > 0 ? Split.TEST : Split.TRAIN;
    boolean validated = config.getDouble("flow.validation") > 0;
    Optional<Calibration> calibration =
        FlowCalibrator.calibrate(
            table.split(split),
            table.splits().get(split),
            split.equals(Split.TEST) && validated ? "validation" : split,
            trained.broadcast(spark),
            FlowModel.prior(trained, RealNVP.of(trained.network())),
            Checked.positive(config, "inference.batch"));
    calibration.ifPresentOrElse(
        by ->
            Console.say(
                "calibrated on %,d %s rows%s",
                by.count(),
                by.split(),
                split.equals(Split.TEST) ? "" : ", as none are held out: expect more false alarms"),
        () -> Console.say("not calibrated: no %s row has a finite density", split));
    return calibration;
  }

  /**
   * The detector for rows whose reconstruction errors are known, or are not.
   *
   * @param falseAlarmRate the share of normal rows that may be taken for anomalies
   */
  static AnomalyDetector detector(
      Calibration calibration, boolean reconstructed, double falseAlarmRate) {
    return reconstructed
        ? calibration.detector(falseAlarmRate)
        : calibration.densityDetector(falseAlarmRate);
  }
}
