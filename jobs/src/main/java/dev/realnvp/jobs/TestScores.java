package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.FalseAlarms;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.summary.ClassFigures;
import dev.realnvp.spark.summary.PosteriorQuality;
import dev.realnvp.spark.table.ExactSums;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * What scores/ says of the rows that are evaluated, by those that have a finite density.
 *
 * @param nll the mean of -log p(x | label), in nats; where there are no labels, of -log p(x)
 * @param nllNoLabel the mean of -log p(x), in nats
 * @param posterior empty without classes
 * @param falseAlarmRate what the scores were made with
 * @param falseAlarms empty from a flow without a calibration
 * @param classes the figures of each class; empty without labels
 */
record TestScores(
    double nll,
    double nllNoLabel,
    Optional<PosteriorQuality> posterior,
    double falseAlarmRate,
    Optional<FalseAlarms> falseAlarms,
    List<ClassFigures> classes) {

  private static final String FALSE_ALARM_RATE = "score.false-alarm-rate";

  /**
   * Reads them.
   *
   * @param flow that they are of
   * @param split of the rows
   * @param count how many
   */
  static TestScores read(
      SparkSession spark, Config config, StoredModel flow, String split, long count)
      throws IOException {
    return Inputs.reading(
        config,
        "paths.scores",
        () -> {
          Dataset<Row> scores =
              withClasses(
                  Inputs.table(spark, config, "paths.scores").where(col("split").equalTo(split)));
          Row nll = scores.agg(mean("log_prob_label"), mean("log_prob")).first();
          say(split, FlowScorer.countWithoutDensity(scores), nll);
          String logProb = nll.isNullAt(0) ? "log_prob" : "log_prob_label";
          if (!nll.isNullAt(0)) {
            sayUnderLabel(split, scores);
          }
          double rate = falseAlarmRate(spark, config);
          return new TestScores(
              -nll.getDouble(nll.isNullAt(0) ? 1 : 0),
              -nll.getDouble(1),
              PosteriorQuality.of(scores),
              rate,
              flow.calibration()
                  .flatMap(
                      calibration ->
                          falseAlarms(
                              calibration,
                              split,
                              FlowCalibrator.collect(scores, count, calibration.errorColumn()),
                              rate)),
              ClassFigures.of(scores, finite(logProb), FlowModel.names(flow)));
        });
  }

  /** With null labels, where the table's column of that name is no class. */
  private static Dataset<Row> withClasses(Dataset<Row> scores) {
    return scores.schema().apply("label").dataType().equals(DataTypes.IntegerType)
        ? scores
        : scores.withColumn("label", lit(null).cast(DataTypes.IntegerType));
  }

  /** Of the rows that have one. */
  private static Column mean(String logProb) {
    return ExactSums.mean(finite(logProb));
  }

  private static Column finite(String logProb) {
    return when(FlowScorer.hasDensity(logProb), col(logProb));
  }

  /**
   * @throws InvalidInputException if no row has a density
   */
  private static void say(String split, long without, Row nll) {
    if (nll.isNullAt(1)) {
      throw new InvalidInputException(
          "none of the %s rows has a finite density; expected some to evaluate on"
              .formatted(split));
    }
    if (without > 0) {
      Console.say("%s rows without a finite density, left out of all means: %,d", split, without);
    }
  }

  /** A label that is wrong may leave a row without a density that other classes give it. */
  private static void sayUnderLabel(String split, Dataset<Row> scores) {
    long without =
        scores
            .where(
                col("label")
                    .isNotNull()
                    .and(FlowScorer.hasDensity("log_prob"))
                    .and(not(coalesce(FlowScorer.hasDensity("log_prob_label"), lit(false)))))
            .count();
    if (without > 0) {
      Console.say(
          "%s rows without a finite density under their own label, left out of test_nll: %,d",
          split, without);
    }
  }

  /** As the scores' manifest has it. */
  static double falseAlarmRate(SparkSession spark, Config config) throws IOException {
    ConfigValue made =
        Inputs.manifest(spark, config, RunStage.SCORE)
            .map(manifest -> Provenance.settings(manifest).get(FALSE_ALARM_RATE))
            .orElse(null);
    Config scores = made == null ? config : config.withValue(FALSE_ALARM_RATE, made);
    Settings.requireInRange(FALSE_ALARM_RATE, scores);
    return scores.getDouble(FALSE_ALARM_RATE);
  }

  private static Optional<FalseAlarms> falseAlarms(
      Calibration calibration, String split, ScoredRows rows, double rate) {
    if (calibration.split().equals(split)) {
      Console.say(
          "false alarms: the flow was calibrated on the %s rows, so each half is judged by the"
              + " other's threshold",
          split);
      return FalseAlarms.byHalves(rows, calibration.classes(), rate);
    }
    return rows.size() == 0
        ? Optional.empty()
        : Optional.of(
            FalseAlarms.of(
                Score.detector(
                    calibration, rows.reconstructed() ? List.of(rows.error()) : List.of(), rate),
                rows));
  }
}
