package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.scores.Calibration;
import dev.realnvp.scores.FalseAlarms;
import dev.realnvp.scores.ScoredRows;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowCalibrator;
import dev.realnvp.spark.inference.FlowScorer;
import dev.realnvp.spark.summary.ClassFigures;
import dev.realnvp.spark.summary.PosteriorQuality;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.ExactSums;
import dev.realnvp.spark.table.TableStatistics;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

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
   * @param table that they are of
   * @param split of the rows
   * @throws InvalidInputException if they are of other rows
   */
  static TestScores read(Run run, StoredModel flow, EmbeddingTable table, String split)
      throws IOException {
    requireOf(table, run);
    return run.reading(
        "paths.scores",
        () -> {
          Dataset<Row> all = run.table("paths.scores");
          Dataset<Row> scores =
              all.withColumn("label", FlowScorer.label(all)).where(col("split").equalTo(split));
          Row figures = figures(scores);
          say(split, figures);
          Double mean = figures.getAs("log_prob");
          Double underLabel = figures.getAs("log_prob_label");
          boolean labelled = figures.<Long>getAs("labelled") > 0;
          double rate = falseAlarmRate(run);
          return new TestScores(
              underLabel == null ? -mean : -underLabel,
              -mean,
              labelled
                  ? PosteriorQuality.of(
                      scores,
                      flow.calibration()
                          .filter(fitted -> fitted.split().equals(split))
                          .map(Calibration::temperature)
                          .orElse(null))
                  : Optional.empty(),
              rate,
              flow.calibration()
                  .flatMap(
                      calibration ->
                          falseAlarms(
                              calibration,
                              split,
                              FlowCalibrator.collect(
                                  scores, figures.getAs("rows"), calibration.errorColumn()),
                              rate)),
              labelled
                  ? ClassFigures.of(
                      scores,
                      finite(underLabel == null ? "log_prob" : "log_prob_label"),
                      FlowModel.names(flow))
                  : List.of());
        });
  }

  private static void requireOf(EmbeddingTable table, Run run) throws IOException {
    Object seen =
        run.manifest(RunStage.SCORE).map(made -> made.config().get(Provenance.SEEN)).orElse(null);
    if (seen != null && !seen.equals(table.seen())) {
      throw new InvalidInputException(
          "%s is of other rows or labels than %s: score these, with the same options"
              .formatted(run.place(RunStage.SCORE.path()), table.name()));
    }
  }

  /** Of the rows that have one. */
  private static Column mean(String logProb) {
    return ExactSums.mean(finite(logProb)).as(logProb);
  }

  private static Column finite(String logProb) {
    return when(FlowScorer.hasDensity(logProb), col(logProb));
  }

  /** All that one pass can tell. */
  private static Row figures(Dataset<Row> scores) {
    Column without = FlowScorer.withoutDensity("log_prob");
    // A label that is wrong may leave a row without a density that other classes give it.
    Column wrong =
        col("label").isNotNull().and(not(without)).and(FlowScorer.withoutDensity("log_prob_label"));
    return scores
        .agg(
            mean("log_prob"),
            mean("log_prob_label"),
            count(lit(1)).as("rows"),
            count(col("label")).as("labelled"),
            TableStatistics.countIf(without).as("without"),
            TableStatistics.countIf(wrong).as("wrong"))
        .first();
  }

  /**
   * @throws InvalidInputException if no row has a density
   */
  private static void say(String split, Row figures) {
    if (figures.getAs("log_prob") == null) {
      throw new InvalidInputException(
          "none of the %s rows has a finite density; expected some to evaluate on"
              .formatted(split));
    }
    long without = figures.getAs("without");
    if (without > 0) {
      Console.say("%s rows without a finite density, left out of all means: %,d", split, without);
    }
    long wrong = figures.getAs("wrong");
    if (wrong > 0 && figures.getAs("log_prob_label") != null) {
      Console.say(
          "%s rows without a finite density under their own label, left out of test_nll: %,d",
          split, wrong);
    }
  }

  /** As the scores' manifest has it. */
  static double falseAlarmRate(Run run) throws IOException {
    Config scores =
        run.manifest(RunStage.SCORE)
            .map(manifest -> Provenance.settings(manifest).get(FALSE_ALARM_RATE))
            .map(made -> made.atPath(FALSE_ALARM_RATE))
            .orElse(run.config());
    Settings.requireInRange(FALSE_ALARM_RATE, scores);
    return scores.getDouble(FALSE_ALARM_RATE);
  }

  private static Optional<FalseAlarms> falseAlarms(
      Calibration calibration, String split, ScoredRows rows, double rate) {
    boolean same = calibration.split().equals(split);
    if (same) {
      Console.say(
          "the flow was calibrated on the %s rows, so each half is judged by the other's threshold%s",
          split, calibration.temperature() == null ? "" : " and temperature");
    }
    List<String> errors = rows.reconstructed() ? List.of(rows.error()) : List.of();
    Optional<FalseAlarms> alarms =
        same
            ? FalseAlarms.byHalves(rows, calibration.classes(), rate)
            : FalseAlarms.of(calibration.detector(errors, rate), rows);
    if (alarms.isEmpty()) {
      Console.say("false alarms: too few rows to set a threshold on some and count on others");
    }
    return alarms;
  }
}
