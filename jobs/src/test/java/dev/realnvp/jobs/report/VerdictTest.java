package dev.realnvp.jobs.report;

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

  private static List<String> verdict(
      Content<Metrics> merit,
      RunFacts.Threshold threshold,
      List<EpochStats> epochs,
      RunFacts.Setting... settings)
      throws Exception {
    RunFacts.Densities all = PageTest.everything("words").densities();
    return texts(
        parse(
            Page.of(
                PageTest.with(
                    List.of(
                        new RunFacts.Stage("score", "there", new Content.Absent<>(""), 20_000L)),
                    List.of(settings),
                    epochs.isEmpty()
                        ? List.of()
                        : List.of(new RunFacts.Training("flow", "nats", "", epochs)),
                    merit,
                    new RunFacts.Densities(all.base(), all.scores(), threshold, List.of())))),
        "//ul[@class = 'verdict']/li");
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

  private static String gain(String split, double gain, double error, double median, double share)
      throws Exception {
    return verdict(
            merit(
                split,
                Map.of("mixture", new DensityGain(10_000, 40, gain, error, median, share, 0L, 0L)),
                List.of(),
                Map.of(),
                null),
            null,
            List.of())
        .get(0);
  }

  @Test
  void aGainIsJudgedByItsError() throws Exception {
    assertThat(gain("test", 5.3112, 0.02, 5, 0.972))
        .isEqualTo(
            "goodThe flow is better than a Gaussian mixture. Of 10,000 test rows, the mean of"
                + " log p(x) is above that of a Gaussian mixture by 5.311 \u00b1 0.020 nats (266"
                + " standard errors); the median gain is 5 nats, and 97.2 % of the rows are"
                + " likelier under the flow.");
    assertThat(gain("train", 5.3, 0.02, 5, 0.97))
        .startsWith("fairThe flow is better than a Gaussian mixture on its own training rows.");
    assertThat(gain("test", 0.03, 0.02, 0, 0.5))
        .startsWith("fairThe flow is not clearly better than a Gaussian mixture. ")
        .contains("0.030 \u00b1 0.020 nats (1.5 standard errors)");
    assertThat(gain("test", -2, 0.02, -2, 0.1))
        .startsWith("poorThe flow is worse than a Gaussian mixture. ")
        .contains(" is below that of a Gaussian mixture by 2.000 \u00b1 0.020 nats (100 ");
    assertThat(gain("test", -2000, 500, 3, 0.9))
        .startsWith(
            "fairThe flow is better than a Gaussian mixture for most rows, but not on average. ");
    assertThat(gain("test", 0, 0, 0, 0.5))
        .startsWith("fairThe flow is not clearly better than a Gaussian mixture. ");
  }

  /** The mean of all rows would be minus infinity under the one that gives some no density. */
  @Test
  void aGainOverTheRestIsNoGain() throws Exception {
    for (long flowless : List.of(0L, 3L)) {
      String verdict =
          verdict(
                  merit(
                      "test",
                      Map.of(
                          "gaussian",
                          new DensityGain(9_996, 40, 5, 0.02, 5, 0.97, flowless, 4 - flowless)),
                      List.of(),
                      Map.of(),
                      null),
                  null,
                  List.of())
              .get(0);
      assertThat(verdict)
          .startsWith(
              flowless == 0
                  ? "goodThe flow is better than a Gaussian. "
                  : "poorThe flow gives no density to 3 rows that a Gaussian has one for. ")
          .endsWith(
              " The means leave out %d rows that only the flow gives no density, and %d that only"
                      .formatted(flowless, 4 - flowless)
                  + " the other gives none.");
    }
  }

  private static String posterior(double confidence, double accuracy, long rows) throws Exception {
    return verdict(
            merit(
                "test",
                Map.of(),
                List.of(new PosteriorQuality.Bin(rows, confidence, accuracy)),
                Map.of(),
                null),
            null,
            List.of())
        .get(0);
  }

  @Test
  void aPosteriorIsJudgedByItsErrorAndByChance() throws Exception {
    assertThat(posterior(0.982, 0.979, 10_000))
        .isEqualTo(
            "goodThe posteriors are calibrated. The most likely class has a probability of 98.2 %"
                + " on average, and is right in 97.9 % of 10,000 test rows: the expected"
                + " calibration error is 0.3 %. With as many rows chance alone makes 0.106 % on"
                + " average, and seldom more than 0.266 %.");
    // A calibrated posterior has a larger error in at most 5 % of all tables.
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
    assertThat(posterior(0.9, 0.86, 10_000))
        .startsWith("fairThe posteriors are nearly calibrated, but too sure. ");
    assertThat(posterior(0.7, 0.9, 10_000))
        .startsWith("poorThe posteriors are not calibrated, but not sure enough. ");
    // As far off as chance allows with so few rows.
    assertThat(posterior(0.7, 0.8, 20))
        .startsWith("openThere are too few rows to tell whether the posteriors are calibrated. ");
    assertThat(posterior(0.7, 0.2, 20)).startsWith("poorThe posteriors are not calibrated, ");
  }

  /** Each of 15 bins with 4 rows: chance alone makes 0.15. */
  @Test
  void anErrorOfThirtyPercentIsNeverCalibrated() throws Exception {
    for (double off : List.of(0.02, 0.1, 0.3)) {
      List<PosteriorQuality.Bin> bins = new ArrayList<>();
      for (int m = 0; m < 15; m++) {
        double confidence = (m + 0.5) / 15;
        bins.add(new PosteriorQuality.Bin(4, confidence, confidence + (m < 8 ? off : -off)));
      }
      assertThat(verdict(merit("test", Map.of(), bins, Map.of(), null), null, List.of()).get(0))
          .startsWith(
              off == 0.3
                  ? "poorThe posteriors are not calibrated, but too sure of some rows and not"
                      + " sure enough of others. "
                  : "openThere are too few rows to tell whether");
    }
  }

  /** By a share of alarms that was measured on rows of a split; null for one that was not. */
  private static List<String> alarms(
      String measuredOn, Double share, RunFacts.Threshold threshold, RunFacts.Setting... settings)
      throws Exception {
    Map<String, Double> figures = new HashMap<>();
    figures.put("false_alarms", share);
    return verdict(
        measuredOn == null ? NOT_MEASURED : merit(measuredOn, Map.of(), List.of(), figures, null),
        threshold,
        List.of(),
        settings);
  }

  private static RunFacts.Threshold by(String split, long rows, double value) {
    return new RunFacts.Threshold(split, rows, 0.01, value);
  }

  @Test
  void aThresholdIsJudgedByTheRowsThatSetIt() throws Exception {
    assertThat(alarms("test", 0.0105, by("validation", 5000, 2.875)))
        .containsExactly(
            "goodThe threshold was set on held-out rows. 5,000 validation rows set it to 2.875,"
                + " which 1 % of such rows may exceed.",
            "goodAbout 210 false alarms per day, if a table of this size comes each day. That is"
                + " 1.05 % of 20,000 rows, as measured on other rows than set the threshold; 1 %"
                + " was asked for.");
    List<String> chosen =
        alarms(
            "test",
            0.0105,
            by("test", 5000, 2.875),
            new RunFacts.Setting("train-flow", "flow.patience", "5", "0"));
    assertThat(chosen.get(0))
        .startsWith(
            "fairThe threshold was set on held-out rows, which also chose the training's epoch. ");
    assertThat(chosen.get(1))
        .startsWith("fairAbout 210 false")
        .contains("than set the threshold on the rows that chose its epoch; 1 % was asked for");
    List<String> ofTrain = alarms(null, null, by("train", 5000, 2.875));
    assertThat(ofTrain.get(0)).startsWith("poorThe threshold was set on training rows,");
    assertThat(ofTrain.get(1))
        .startsWith("openAbout 200 false alarms per day")
        .endsWith("That is 1 % of 20,000 rows, the rate that was set.");
    assertThat(ofTrain.get(2)).startsWith("openNot evaluated. ");
    assertThat(alarms(null, null, by("test", 500, 2.875)).get(0))
        .startsWith("fairThe threshold was set on held-out rows, but on few. ");
    assertThat(alarms(null, null, by("test", 50, Double.POSITIVE_INFINITY)))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("poorThere is no threshold. 50 test rows are too few for a false-alarm rate");
    assertThat(alarms("test", 0.05, by("test", 5000, 2)).get(1))
        .startsWith("poorAbout 1,000 false alarms per day");
    assertThat(alarms("train", 0.01, by("train", 5000, 2)).get(1))
        .startsWith("fairAbout 200 false alarms per day")
        .contains("as measured on training rows: expect more on new ones");
    assertThat(alarms("test", null, by("test", 150, 2)).get(1))
        .startsWith("openAbout 200 false alarms per day")
        .endsWith("the rate that was set: too few other rows to measure it.");
  }

  private static Detection detection(double auroc, double error) {
    return new Detection(auroc, 0.1, error, 0.5, 0.05, List.of());
  }

  /** Of an own area of 0.9. */
  private static List<String> detection(
      long rows, double gaussian, Map<String, Detections.Difference> differences) throws Exception {
    Map<String, Detection> scores = new LinkedHashMap<>();
    scores.put("anomaly_score", detection(0.9, 0.05));
    scores.put("gaussian", detection(gaussian, 0.04));
    return verdict(
        merit(
            "test",
            Map.of(),
            List.of(),
            Map.of("false_alarms", 0.05),
            new Detections(null, "fraud", 900, rows, 0.012, 0.75, scores, differences)),
        new RunFacts.Threshold("test", 5000, 0.01, 2),
        List.of());
  }

  private static String detection(long rows, double difference, double error) throws Exception {
    return detection(
            rows,
            0.9 - difference,
            Map.of("gaussian", new Detections.Difference(difference, error)))
        .get(0);
  }

  @Test
  void detectionIsJudgedByDifferencesOnTheSameRows() throws Exception {
    assertThat(detection(100, 0.1, 0.02))
        .isEqualTo(
            "goodThe marked anomalies are told from other rows, better than by simpler methods."
                + " AUROC 0.900 \u00b1 0.050 (gaussian 0.800 \u00b1 0.040, difference 0.100 \u00b1"
                + " 0.020); average precision 0.500 \u00b1 0.050, of 100 anomalies in column fraud"
                + " among 900 other rows. The threshold catches 75 % of these anomalies, and 1.2 %"
                + " of the other rows.");
    // Less than two of its own errors, and yet clear on the same rows.
    assertThat(detection(100, -0.05, 0.01)).startsWith("poorA simpler method tells the marked");
    assertThat(detection(100, -0.005, 0.005))
        .startsWith(
            "fairThe marked anomalies are told from other rows, about as well as by simpler");
    // 0.80 beside 0.95 is not as well, whatever the errors are.
    assertThat(detection(100, -0.15, 0.1))
        .startsWith(
            "openThe marked anomalies are told from other rows; whether simpler methods do so"
                + " better cannot be told. ");
    assertThat(detection(19, -0.15, 0.01)).startsWith("openThere are too few marked anomalies");
    // Without a difference.
    assertThat(detection(100, 0.95, Map.of()).get(0))
        .startsWith("openThe marked anomalies are told from other rows; whether")
        .contains("(gaussian 0.950 \u00b1 0.040)");
    // Of normal rows alone.
    assertThat(detection(100, 0.8, Map.of()).get(2))
        .startsWith("goodAbout 240 false alarms per day");
  }

  private static List<EpochStats> epochs(double... validation) {
    List<EpochStats> epochs = new ArrayList<>();
    for (double loss : validation) {
      epochs.add(new EpochStats(epochs.size() + 1, 1, 0, 0, 100, 40 - epochs.size(), loss));
    }
    return epochs;
  }

  private static String ending(List<EpochStats> epochs, RunFacts.Setting... settings)
      throws Exception {
    return verdict(NOT_MEASURED, null, epochs, settings).get(0);
  }

  @Test
  void aTrainingIsJudgedByItsLastEpochs() throws Exception {
    assertThat(ending(epochs(50, 40, 35.1, 35, 34.99)))
        .isEqualTo(
            "goodThe training of the flow ended well. After 5 epochs its validation loss is 34.99"
                + " (nats), the lowest is 34.99 after epoch 5.");
    assertThat(ending(epochs(50, 40, 30, 20)))
        .startsWith("fairThe training of the flow ended early. ")
        .contains("still fell by 10 over the last 1 of 4 epochs, to 20 (nats)");
    assertThat(ending(epochs(50, 35, 36, 39)))
        .startsWith("poorThe training of the flow went on for too long. ")
        .contains("rose from 35 after epoch 2 to 39 after epoch 4 (nats)");
    // The best epoch is kept.
    assertThat(
            ending(
                epochs(50, 35, 36, 39),
                new RunFacts.Setting("train-flow", "flow.patience", "5", "0")))
        .startsWith("fairThe training of the flow went on for too long. ")
        .endsWith("The model is that of epoch 2.");
    assertThat(ending(epochs(50, 40, Double.POSITIVE_INFINITY)))
        .startsWith("poorThe training of the flow did not end well. ");
    assertThat(ending(epochs(Double.NaN, Double.NaN)))
        .startsWith("fairThe training of the flow ended early. Its training loss still fell by 1 ");
  }
}
