package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.VerdictSection.CLEAR;

import dev.realnvp.jobs.report.VerdictSection.Fact;
import dev.realnvp.jobs.report.VerdictSection.Mark;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.PosteriorQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What is to be thought of the figures of merit. */
final class MeritVerdict {

  /** Fewer anomalies, or normal rows, tell nothing of how well they are told. */
  private static final int FEW = 20;

  /** An AUROC that is less by so much is as good. */
  private static final double SAME_AREA = 0.02;

  /** A calibration error that hardly matters, and one that matters. */
  private static final double SMALL_ERROR = 0.02;

  private static final double LARGE_ERROR = 0.05;

  private MeritVerdict() {}

  /**
   * A fact per figure that there is.
   *
   * @param on what makes them too good; empty if nothing does
   */
  static List<Fact> of(Metrics merit, String on) {
    List<Fact> facts = new ArrayList<>();
    merit.baselines().forEach((name, gain) -> facts.add(density(on, merit, name, gain)));
    if (!merit.reliability().isEmpty()) {
      facts.add(posterior(on, merit));
    }
    if (merit.anomalies() != null && !merit.anomalies().scores().isEmpty()) {
      facts.add(detection(on, merit.anomalies()));
    }
    return facts;
  }

  private static Fact density(String on, Metrics merit, String name, DensityGain gain) {
    String other = name.equals("gaussian") ? "a Gaussian" : "a Gaussian mixture";
    double errors = gain.gain() / gain.error();
    long all = gain.rows() + gain.flowless() + gain.otherless();
    double ofHalf = (gain.better() - 0.5) / Math.sqrt(0.25 / all);
    String sentence =
        "Of %s %s rows, the mean of log p(x) is %s that of %s by %s nats%s; the median gain is %s nats, and %s of the rows are likelier under the flow.%s"
            .formatted(
                Numbers.count(gain.rows()),
                merit.split(),
                gain.gain() >= 0 ? "above" : "below",
                other,
                Numbers.withError(Math.abs(gain.gain()), gain.error()),
                Double.isFinite(errors) ? " (%s standard errors)".formatted(errors(errors)) : "",
                Numbers.text(gain.median()),
                Numbers.percent(gain.better()),
                all == gain.rows()
                    ? ""
                    : " The means leave out %s rows that only the flow gives no density, and %s that only the other gives none."
                        .formatted(
                            Numbers.count(gain.flowless()), Numbers.count(gain.otherless())));
    if (gain.flowless() > 0) {
      return new Fact(
          Mark.BAD,
          "The flow gives no density to %s rows that %s has one for%s"
              .formatted(Numbers.count(gain.flowless()), other, on),
          sentence);
    }
    if (errors >= CLEAR) {
      return new Fact(good(Mark.GOOD, on), "The flow is better than " + other + on, sentence);
    }
    if (ofHalf >= CLEAR) {
      return new Fact(
          Mark.FAIR,
          "The flow is better than %s for most rows%s, but not on average".formatted(other, on),
          sentence);
    }
    return errors <= -CLEAR && gain.otherless() == 0
        ? new Fact(Mark.BAD, "The flow is worse than " + other + on, sentence)
        : new Fact(Mark.FAIR, "The flow is not clearly better than " + other + on, sentence);
  }

  /** Nothing is good that is too good. */
  static Mark good(Mark mark, String on) {
    return mark == Mark.GOOD && !on.isEmpty() ? Mark.FAIR : mark;
  }

  private static String errors(double errors) {
    double size = Math.abs(errors);
    return size < 10 ? Numbers.text(Math.round(10 * size) / 10.0) : Numbers.count(Math.round(size));
  }

  /** By the expected calibration error, next to those of calibrated posteriors on as many rows. */
  private static Fact posterior(String on, Metrics merit) {
    List<PosteriorQuality.Bin> bins = merit.reliability();
    double confidence = mean(bins, PosteriorQuality.Bin::confidence);
    double accuracy = mean(bins, PosteriorQuality.Bin::accuracy);
    double error = mean(bins, bin -> Math.abs(bin.confidence() - bin.accuracy()));
    double chance = chance(bins, 0);
    double seldom = chance(bins, CLEAR);
    Mark mark =
        error > Math.max(LARGE_ERROR, seldom)
            ? Mark.BAD
            : seldom > LARGE_ERROR
                ? Mark.OPEN
                : error <= Math.max(SMALL_ERROR, seldom) ? Mark.GOOD : Mark.FAIR;
    String way =
        Math.abs(confidence - accuracy) < error / 2
            ? "too sure of some rows and not sure enough of others"
            : confidence > accuracy ? "too sure" : "not sure enough";
    return new Fact(
        good(mark, on),
        switch (mark) {
          case GOOD -> "The posteriors are calibrated" + on;
          case FAIR -> "The posteriors are nearly calibrated%s, but %s".formatted(on, way);
          case BAD -> "The posteriors are not calibrated%s, but %s".formatted(on, way);
          case OPEN -> "There are too few rows to tell whether the posteriors are calibrated";
        },
        "The most likely class has a probability of %s on average, and is right in %s of %s %s rows: the expected calibration error is %s. With as many rows chance alone makes %s on average, and seldom more than %s."
            .formatted(
                Numbers.percent(confidence),
                Numbers.percent(accuracy),
                Numbers.count(bins.stream().mapToLong(PosteriorQuality.Bin::rows).sum()),
                merit.split(),
                Numbers.percent(error),
                Numbers.percent(chance),
                Numbers.percent(seldom)));
  }

  /**
   * The expected calibration error of a calibrated posterior, so many deviations above its mean: in
   * bin m it is {@code |N(0, v / n_m)|}, with v of the mean probability, an upper bound.
   */
  static double chance(List<PosteriorQuality.Bin> bins, double deviations) {
    double mean = 0;
    double squares = 0;
    for (PosteriorQuality.Bin bin : bins) {
      double variance = bin.rows() * Math.max(0, bin.confidence() * (1 - bin.confidence()));
      mean += Math.sqrt(2 / Math.PI * variance);
      squares += (1 - 2 / Math.PI) * variance;
    }
    return (mean + deviations * Math.sqrt(squares))
        / bins.stream().mapToLong(PosteriorQuality.Bin::rows).sum();
  }

  private static double mean(
      List<PosteriorQuality.Bin> bins, ToDoubleFunction<PosteriorQuality.Bin> of) {
    return bins.stream().mapToDouble(bin -> bin.rows() * of.applyAsDouble(bin)).sum()
        / bins.stream().mapToLong(PosteriorQuality.Bin::rows).sum();
  }

  /** Next to simpler methods, by the differences on the same rows. */
  private static Fact detection(String on, Detections anomalies) {
    Detection own = anomalies.scores().values().iterator().next();
    List<String> others = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    double most = Double.POSITIVE_INFINITY;
    for (String name : MeritSection.BASELINES) {
      Detection other = anomalies.scores().get(name);
      if (other != null) {
        Detections.Difference by = anomalies.differences().get(name);
        others.add(
            "%s %s%s"
                .formatted(
                    name.replace('_', ' '),
                    Numbers.withError(other.auroc(), other.aurocError()),
                    by == null ? "" : ", difference " + Numbers.withError(by.value(), by.error())));
        least = Math.min(least, by == null ? Double.NaN : by.value() - CLEAR * by.error());
        most = Math.min(most, by == null ? Double.NaN : by.value() + CLEAR * by.error());
      }
    }
    Mark mark = least > 0 ? Mark.GOOD : least > -SAME_AREA ? Mark.FAIR : Mark.OPEN;
    String told =
        "The marked anomalies are told from other rows"
            + switch (mark) {
              case GOOD -> others.isEmpty() ? "" : ", better than by simpler methods";
              case FAIR -> ", about as well as by simpler methods";
              default -> "; whether simpler methods do so better cannot be told";
            };
    if (Math.min(anomalies.anomalousRows(), anomalies.normalRows()) < FEW) {
      mark = Mark.OPEN;
      told = "There are too few marked anomalies, or other rows, to tell how well they are found";
    } else if (own.auroc() - CLEAR * own.aurocError() <= 0.5) {
      mark = Mark.BAD;
      told = "The marked anomalies are not clearly told from other rows";
    } else if (most < 0) {
      mark = Mark.BAD;
      told = "A simpler method tells the marked anomalies better";
    }
    return new Fact(
        good(mark, on),
        told + on,
        "AUROC %s%s; average precision %s, of %s anomalies in column %s among %s other rows.%s"
            .formatted(
                Numbers.withError(own.auroc(), own.aurocError()),
                others.isEmpty() ? "" : " (" + String.join("; ", others) + ")",
                Numbers.withError(own.averagePrecision(), own.averagePrecisionError()),
                Numbers.count(anomalies.anomalousRows()),
                anomalies.column(),
                Numbers.count(anomalies.normalRows()),
                anomalies.detected() == null
                    ? ""
                    : " The threshold catches %s of these anomalies, and %s of the other rows."
                        .formatted(
                            Html.percent(anomalies.detected()),
                            Html.percent(anomalies.falseAlarms()))));
  }
}
