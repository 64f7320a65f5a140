package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.ReportPages.assertApproved;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.model.EpochStats;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.PosteriorQuality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the page says of figures that are good, and of some that are not. */
class VerdictTest {

  private static final Content<Metrics> NOT_MEASURED = new Content.Absent<>("nothing");

  private static final RunFacts.Setting PATIENCE =
      new RunFacts.Setting("train-flow", "flow.patience", "5", "0");

  private final List<String> said = new ArrayList<>();

  @Test
  void isTheOneThatWasApproved() throws Exception {
    gains();
    posteriors();
    thresholds();
    detections();
    trainings();
    assertApproved("verdicts.txt", said);
  }

  private void verdict(
      String name,
      Content<Metrics> merit,
      RunFacts.Threshold threshold,
      List<EpochStats> epochs,
      RunFacts.Setting... settings)
      throws Exception {
    RunFacts.Densities all = PageTest.everything("words").densities();
    List<String> lines =
        texts(
            parse(
                Page.of(
                    PageTest.with(
                        List.of(
                            new RunFacts.Stage(
                                "score", "there", new Content.Absent<>(""), 20_000L)),
                        List.of(settings),
                        epochs.isEmpty()
                            ? List.of()
                            : List.of(new RunFacts.Training("flow", "nats", "", epochs)),
                        merit,
                        new RunFacts.Densities(all.base(), all.scores(), threshold, List.of())))),
            "//ul[@class = 'verdict']/li");
    said.add("# " + name);
    said.addAll(lines);
  }

  private static Content<Metrics> merit(
      String split,
      Map<String, DensityGain> gains,
      List<PosteriorQuality.Bin> bins,
      Map<String, Double> figures,
      Detections anomalies) {
    return new Content.Present<>(
        new Metrics(figures, null, split, 10_000, gains, List.of(), bins, anomalies));
  }

  private void gain(String name, String split, String over, DensityGain gain) throws Exception {
    verdict(name, merit(split, Map.of(over, gain), List.of(), Map.of(), null), null, List.of());
  }

  private void gain(
      String name, String split, double gain, double error, double median, double share)
      throws Exception {
    gain(name, split, "mixture", new DensityGain(10_000, 40, gain, error, median, share, 0L, 0L));
  }

  private void gains() throws Exception {
    gain("a clear gain", "test", 5.3112, 0.02, 5, 0.972);
    gain("a clear gain, on the rows that were learnt", "train", 5.3, 0.02, 5, 0.97);
    gain("less than two standard errors", "test", 0.03, 0.02, 0, 0.5);
    gain("a clear loss", "test", -2, 0.02, -2, 0.1);
    gain("a loss by few rows", "test", -2000, 500, 3, 0.9);
    gain("none", "test", 0, 0, 0, 0.5);
    // The mean of all rows would be minus infinity under the one that gives some no density.
    gain("4 rows without a density under the other", "test", "gaussian", withoutDensity(0));
    gain("3 rows without a density under the flow", "test", "gaussian", withoutDensity(3));
  }

  private static DensityGain withoutDensity(long flowless) {
    return new DensityGain(9_996, 40, 5, 0.02, 5, 0.97, flowless, 4 - flowless);
  }

  private void posterior(String name, List<PosteriorQuality.Bin> bins) throws Exception {
    verdict(name, merit("test", Map.of(), bins, Map.of(), null), null, List.of());
  }

  private void posterior(String name, double confidence, double accuracy, long rows)
      throws Exception {
    posterior(name, List.of(new PosteriorQuality.Bin(rows, confidence, accuracy)));
  }

  private void posteriors() throws Exception {
    posterior("calibrated", 0.982, 0.979, 10_000);
    posterior("4 % too sure", 0.9, 0.86, 10_000);
    posterior("20 % not sure enough", 0.7, 0.9, 10_000);
    posterior("as far off as chance allows with 20 rows", 0.7, 0.8, 20);
    posterior("farther off than chance allows with 20 rows", 0.7, 0.2, 20);
    // Each of 15 bins with 4 rows: chance alone makes 0.15.
    for (double off : List.of(0.02, 0.1, 0.3)) {
      List<PosteriorQuality.Bin> bins = new ArrayList<>();
      for (int m = 0; m < 15; m++) {
        double confidence = (m + 0.5) / 15;
        bins.add(new PosteriorQuality.Bin(4, confidence, confidence + (m < 8 ? off : -off)));
      }
      posterior("an error of %s in 15 bins of 4 rows".formatted(off), bins);
    }
  }

  /** A calibrated posterior has a larger error in at most 5 % of all tables. */
  @Test
  void chanceIsThatOfCalibratedPosteriors() {
    SplittableRandom random = new SplittableRandom(1);
    for (int bins : List.of(1, 3, 15)) {
      List<PosteriorQuality.Bin> said = new ArrayList<>();
      for (int m = 0; m < bins; m++) {
        said.add(new PosteriorQuality.Bin(12, (m + 0.5) / bins, 0));
      }
      int beyond = 0;
      for (int table = 0; table < 2000; table++) {
        double error = 0;
        for (PosteriorQuality.Bin bin : said) {
          long right = random.doubles(bin.rows()).filter(u -> u < bin.confidence()).count();
          error += Math.abs(right - bin.rows() * bin.confidence()) / bin.rows() / bins;
        }
        beyond += error > MeritVerdict.chance(said, 2) ? 1 : 0;
      }
      assertThat(beyond).as("%d bins", bins).isBetween(10, 110);
    }
  }

  /** By a share of alarms that was measured on rows of a split; null for one that was not. */
  private void alarms(
      String name,
      String measuredOn,
      Double share,
      RunFacts.Threshold threshold,
      RunFacts.Setting... settings)
      throws Exception {
    Map<String, Double> figures = new HashMap<>();
    figures.put("false_alarms", share);
    verdict(
        name,
        measuredOn == null ? NOT_MEASURED : merit(measuredOn, Map.of(), List.of(), figures, null),
        threshold,
        List.of(),
        settings);
  }

  private static RunFacts.Threshold by(String split, long rows, double value) {
    return new RunFacts.Threshold(split, rows, 0.01, value);
  }

  private void thresholds() throws Exception {
    alarms("of held-out rows", "test", 0.0105, by("validation", 5000, 2.875));
    alarms("of rows that chose the epoch", "test", 0.0105, by("test", 5000, 2.875), PATIENCE);
    alarms("of train rows", null, null, by("train", 5000, 2.875));
    alarms("of few rows", null, null, by("test", 500, 2.875));
    alarms("of too few rows", null, null, by("test", 50, Double.POSITIVE_INFINITY));
    alarms("five times the alarms", "test", 0.05, by("test", 5000, 2));
    alarms("measured on train rows", "train", 0.01, by("train", 5000, 2));
    alarms("too few other rows to measure", "test", null, by("test", 150, 2));
  }

  private static Detection detection(double auroc, double error) {
    return new Detection(auroc, 0.1, error, 0.5, 0.05, List.of());
  }

  /** Of an own area of 0.9. */
  private void detection(
      String name, long rows, double gaussian, Map<String, Detections.Difference> differences)
      throws Exception {
    Map<String, Detection> scores = new LinkedHashMap<>();
    scores.put("anomaly_score", detection(0.9, 0.05));
    scores.put("gaussian", detection(gaussian, 0.04));
    verdict(
        name,
        merit(
            "test",
            Map.of(),
            List.of(),
            Map.of("false_alarms", 0.05),
            new Detections(null, "fraud", 900, rows, 0.012, 0.75, scores, differences)),
        by("test", 5000, 2),
        List.of());
  }

  private void detection(String name, long rows, double difference, double error) throws Exception {
    detection(
        name,
        rows,
        0.9 - difference,
        Map.of("gaussian", new Detections.Difference(difference, error)));
  }

  private void detections() throws Exception {
    detection("better than the other", 100, 0.1, 0.02);
    detection(
        "less than two of its own errors worse, but clear on the same rows", 100, -0.05, 0.01);
    detection("about as well", 100, -0.005, 0.005);
    detection("0.80 beside 0.95, whatever the errors are", 100, -0.15, 0.1);
    detection("too few anomalies", 19, -0.15, 0.01);
    detection("without a difference, worse", 100, 0.95, Map.of());
    detection("without a difference, better", 100, 0.8, Map.of());
  }

  private void training(String name, List<Double> validation, RunFacts.Setting... settings)
      throws Exception {
    List<EpochStats> epochs = new ArrayList<>();
    for (double loss : validation) {
      epochs.add(new EpochStats(epochs.size() + 1, 1, 0, 0, 100, 40 - epochs.size(), loss));
    }
    verdict(name, NOT_MEASURED, null, epochs, settings);
  }

  private void trainings() throws Exception {
    training("ended well", List.of(50.0, 40.0, 35.1, 35.0, 34.99));
    training("still falls", List.of(50.0, 40.0, 30.0, 20.0));
    training("rises", List.of(50.0, 35.0, 36.0, 39.0));
    training("rises, and the best epoch is kept", List.of(50.0, 35.0, 36.0, 39.0), PATIENCE);
    training("diverged", List.of(50.0, 40.0, Double.POSITIVE_INFINITY));
    training("without validation", List.of(Double.NaN, Double.NaN));
  }
}
