package dev.realnvp.jobs.report;

import static dev.realnvp.jobs.report.Html.words;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.ul;

import dev.realnvp.model.EpochStats;
import dev.realnvp.scores.DensityGain;
import dev.realnvp.scores.Detection;
import dev.realnvp.scores.Detections;
import dev.realnvp.spark.summary.PosteriorQuality;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What is to be thought of a run, in words: a sentence per fact, with its figure. */
final class VerdictSection {

  private static final String TRAIN = "train";

  /** How many standard errors tell a difference from chance. */
  private static final double CLEAR = 2;

  /** A calibration error that hardly matters, and one that matters. */
  private static final double SMALL_ERROR = 0.02;

  private static final double LARGE_ERROR = 0.05;

  /** So many false alarms have to be among the rows that set a threshold to know it well. */
  private static final int ALARMS = 10;

  /** So many have to be expected among the rows that measure how many there are. */
  private static final int FEWEST_ALARMS = 5;

  /** A false-alarm rate of so many times the one that was asked for is too high. */
  private static final double MUCH = 2;

  /** Of what a loss fell in all: more than that is no chance. */
  private static final double PART = 0.05;

  /** How good something is, by the class that report.css colours. */
  private enum Mark {
    GOOD("good"),
    FAIR("fair"),
    BAD("poor"),
    OPEN("open");

    private final String word;

    Mark(String word) {
      this.word = word;
    }
  }

  /** A fact: what it says in short, and the sentence with the figure. */
  private record Fact(Mark mark, String headline, String sentence) {}

  private VerdictSection() {}

  static DomContent of(RunFacts run) {
    List<Fact> facts = new ArrayList<>();
    if (run.metrics() instanceof Content.Present<RunFacts.Merit> there) {
      RunFacts.Merit merit = there.value();
      merit.baselines().forEach((name, gain) -> facts.add(density(merit.split(), name, gain)));
      if (!merit.reliability().isEmpty()) {
        facts.add(posterior(merit));
      }
      if (merit.anomalies() != null) {
        facts.add(detection(merit.anomalies()));
      }
    }
    threshold(run, facts);
    run.trainings().stream()
        .filter(training -> training.standing().isEmpty() && !training.epochs().isEmpty())
        .forEach(training -> facts.add(ending(run, training)));
    if (!(run.metrics() instanceof Content.Present)) {
      facts.add(
          new Fact(
              Mark.OPEN,
              "Not evaluated",
              "evaluate.sh measures the flow on held-out rows, next to a Gaussian and a mixture."));
    }
    return section(
        h2("Verdict"),
        ul(each(facts, VerdictSection::item)).withClass("verdict"),
        facts.stream().anyMatch(fact -> fact.sentence.contains("\u00b1"))
            ? p("\u00b1 is a standard error.").withClass("note")
            : words(""));
  }

  private static DomContent item(Fact fact) {
    return li(
            span(fact.mark.word).withClass("mark"),
            span(strong(words(fact.headline + ". ")), words(fact.sentence)))
        .withClass(fact.mark.word);
  }

  /** If a few rows far out decide the mean, the other rows may say something else. */
  private static Fact density(String split, String name, DensityGain gain) {
    String other = name.equals("gaussian") ? "a Gaussian" : "a Gaussian mixture";
    String on = split.equals(TRAIN) ? " on its own training rows" : "";
    double errors = gain.gain() / gain.error();
    double ofHalf = (gain.better() - 0.5) / Math.sqrt(0.25 / gain.rows());
    String sentence =
        "Of %s %s rows, the mean of log p(x) is %s that of %s by %s nats%s; the median gain is %s nats, and %s of the rows are likelier under the flow."
            .formatted(
                Numbers.count(gain.rows()),
                split,
                gain.gain() >= 0 ? "above" : "below",
                other,
                Numbers.withError(Math.abs(gain.gain()), gain.error()),
                Double.isFinite(errors) ? " (%s standard errors)".formatted(errors(errors)) : "",
                Numbers.text(gain.median()),
                Numbers.percent(gain.better()));
    if (errors >= CLEAR) {
      return new Fact(
          on.isEmpty() ? Mark.GOOD : Mark.FAIR, "The flow is better than " + other + on, sentence);
    }
    if (ofHalf >= CLEAR) {
      return new Fact(
          Mark.FAIR,
          "The flow is better than %s for most rows%s, but a few far out decide the mean"
              .formatted(other, on),
          sentence);
    }
    return errors > -CLEAR
        ? new Fact(Mark.FAIR, "The flow is not clearly better than " + other + on, sentence)
        : new Fact(Mark.BAD, "The flow is worse than " + other + on, sentence);
  }

  private static String errors(double errors) {
    double size = Math.abs(errors);
    return size < 10 ? Numbers.text(Math.round(10 * size) / 10.0) : Numbers.count(Math.round(size));
  }

  /** By the expected calibration error, next to that of a calibrated posterior on as many rows. */
  private static Fact posterior(RunFacts.Merit merit) {
    double rows = 0;
    double confidence = 0;
    double accuracy = 0;
    double error = 0;
    double chance = 0;
    for (PosteriorQuality.Bin bin : merit.reliability()) {
      rows += bin.rows();
      confidence += bin.rows() * bin.confidence();
      accuracy += bin.rows() * bin.accuracy();
      error += bin.rows() * Math.abs(bin.confidence() - bin.accuracy());
      // The mean of |N(0, v / n)|, times n.
      double variance = bin.confidence() * (1 - bin.confidence());
      chance += Math.sqrt(2 / Math.PI * Math.max(0, variance) * bin.rows());
    }
    confidence /= rows;
    accuracy /= rows;
    error /= rows;
    chance /= rows;
    String way = confidence > accuracy ? "too sure" : "not sure enough";
    Mark mark =
        error <= Math.max(SMALL_ERROR, CLEAR * chance)
            ? Mark.GOOD
            : error <= LARGE_ERROR ? Mark.FAIR : Mark.BAD;
    return new Fact(
        mark,
        switch (mark) {
          case GOOD -> "The posteriors are calibrated";
          case FAIR -> "The posteriors are nearly calibrated, but " + way;
          default -> "The posteriors are not calibrated, but " + way;
        },
        "The most likely class has a probability of %s on average, and is right in %s of %s %s rows: the expected calibration error is %s, of which chance alone makes %s."
            .formatted(
                Numbers.percent(confidence),
                Numbers.percent(accuracy),
                Numbers.count((long) rows),
                merit.split(),
                Numbers.percent(error),
                Numbers.percent(chance)));
  }

  private static Fact detection(Detections anomalies) {
    Detection own = anomalies.scores().get("anomaly_score");
    if (own == null) {
      own = anomalies.scores().get("log_prob");
    }
    List<String> others = new ArrayList<>();
    double best = 0;
    for (String name : MeritSection.PEERS) {
      Detection other = anomalies.scores().get(name);
      if (other != null) {
        others.add(
            "%s %s"
                .formatted(
                    name.replace('_', ' '), Numbers.withError(other.auroc(), other.aurocError())));
        best = Math.max(best, other.auroc());
      }
    }
    double doubt = CLEAR * own.aurocError();
    boolean behind = own.auroc() < best - doubt;
    boolean lost = own.auroc() - doubt <= 0.5;
    String sentence;
    if (lost) {
      sentence = "The marked anomalies are not told from other rows";
    } else if (behind) {
      sentence = "A simpler method tells the marked anomalies better";
    } else {
      sentence =
          "The marked anomalies are told"
              + (others.isEmpty()
                  ? " from other rows"
                  : " as well as by simpler methods, or better");
    }
    return new Fact(
        behind || lost ? Mark.BAD : own.auroc() > best ? Mark.GOOD : Mark.FAIR,
        sentence,
        "AUROC %s%s; average precision %s. The threshold catches %s of %s anomalies in column %s, and %s of %s other rows."
            .formatted(
                Numbers.withError(own.auroc(), own.aurocError()),
                others.isEmpty() ? "" : " (" + String.join(", ", others) + ")",
                Numbers.withError(own.averagePrecision(), own.averagePrecisionError()),
                Html.percent(anomalies.detected()),
                Numbers.count(anomalies.anomalousRows()),
                anomalies.column(),
                Html.percent(anomalies.falseAlarms()),
                Numbers.count(anomalies.normalRows())));
  }

  private static void threshold(RunFacts run, List<Fact> facts) {
    RunFacts.Threshold threshold = run.threshold();
    if (threshold == null) {
      return;
    }
    boolean heldOut = !threshold.split().equals(TRAIN);
    boolean many = threshold.rows() * threshold.rate() >= ALARMS;
    String rows = "%s %s rows".formatted(Numbers.count(threshold.rows()), threshold.split());
    String rate = Numbers.percent(threshold.rate());
    if (Double.isInfinite(threshold.value())) {
      facts.add(
          new Fact(
              Mark.BAD,
              "There is no threshold",
              "%s are too few for a false-alarm rate of %s: only rows without a density are anomalies."
                  .formatted(rows, rate)));
      return;
    }
    facts.add(
        new Fact(
            heldOut ? many ? Mark.GOOD : Mark.FAIR : Mark.BAD,
            heldOut
                ? "The threshold was set on held-out rows" + (many ? "" : ", but on few")
                : "The threshold was set on training rows, which look likelier than new ones",
            "%s set it to %s, which %s of such rows may exceed."
                .formatted(rows, Numbers.text(threshold.value()), rate)));
    run.stages().stream()
        .filter(stage -> stage.job().equals("score") && stage.rows() != null)
        .forEach(stage -> facts.add(cost(run, threshold.rate(), stage.rows())));
  }

  /** By the share that was measured on rows enough, if there is one; else by the rate. */
  private static Fact cost(RunFacts run, double rate, long rows) {
    Double share = null;
    double measuredOn = 0;
    boolean train = false;
    String how = "";
    if (run.metrics() instanceof Content.Present<RunFacts.Merit> there) {
      RunFacts.Merit merit = there.value();
      train = TRAIN.equals(merit.split());
      if (merit.anomalies() != null) {
        share = merit.anomalies().falseAlarms();
        measuredOn = merit.anomalies().normalRows();
        how = "as of the rows that column %s does not mark".formatted(merit.anomalies().column());
      } else if (merit.rows() != null) {
        share = merit.figures().get("false_alarms");
        measuredOn = merit.rows();
        how =
            train
                ? "as measured on training rows: expect more on new ones"
                : "as measured on other rows than set the threshold";
      }
    }
    Mark mark = Mark.OPEN;
    boolean measured = share != null && measuredOn * rate >= FEWEST_ALARMS;
    if (measured) {
      double error = Math.sqrt(rate * (1 - rate) / measuredOn);
      mark =
          share > MUCH * rate
              ? Mark.BAD
              : share > rate + CLEAR * error || train ? Mark.FAIR : Mark.GOOD;
    } else if (how.isEmpty()) {
      how = "the rate that was set";
    } else {
      how =
          "the rate that was set: too few %s rows to measure it".formatted(train ? TRAIN : "other");
    }
    double alarms = measured ? share : rate;
    return new Fact(
        mark,
        "About %s false alarms per day, if a table of this size comes each day"
            .formatted(Numbers.count(Math.round(alarms * rows))),
        "That is %s of %s rows, %s%s."
            .formatted(
                Numbers.percent(alarms),
                Numbers.count(rows),
                how,
                measured ? "; %s was asked for".formatted(Numbers.percent(rate)) : ""));
  }

  /**
   * How a training ended, by its validation losses; if there are none, by those of its train rows.
   */
  private static Fact ending(RunFacts run, RunFacts.Training training) {
    List<EpochStats> epochs = training.epochs();
    boolean validated = epochs.stream().anyMatch(e -> Double.isFinite(e.validationLoss()));
    ToDoubleFunction<EpochStats> loss =
        validated ? EpochStats::validationLoss : EpochStats::trainLoss;
    String what = validated ? "validation loss" : "training loss";
    EpochStats last = epochs.get(epochs.size() - 1);
    EpochStats best =
        epochs.stream()
            .filter(epoch -> Double.isFinite(loss.applyAsDouble(epoch)))
            .min(Comparator.comparingDouble(loss))
            .orElse(last);
    double end = loss.applyAsDouble(last);
    double lowest = loss.applyAsDouble(best);
    String the = "The training of the " + training.name();
    if (!Double.isFinite(end)) {
      return new Fact(
          Mark.BAD,
          the + " did not end well",
          "After epoch %d its %s is not finite.".formatted(last.epoch(), what));
    }
    double fall = Math.max(loss.applyAsDouble(epochs.get(0)) - lowest, 0);
    boolean keepsBest =
        run.settings().stream().anyMatch(s -> s.key().equals(training.name() + ".patience"));
    if (end - lowest > PART * fall && !keepsBest) {
      return new Fact(
          Mark.BAD,
          the + " went on for too long",
          "Its %s rose from %s after epoch %d to %s after epoch %d (%s)."
              .formatted(
                  what,
                  Numbers.text(lowest),
                  best.epoch(),
                  Numbers.text(end),
                  last.epoch(),
                  training.unit()));
    }
    int few = Math.max(1, epochs.size() / 10);
    EpochStats before = epochs.get(Math.max(0, epochs.size() - 1 - few));
    double still = loss.applyAsDouble(before) - end;
    if (epochs.size() > 1 && still > PART * fall) {
      return new Fact(
          Mark.FAIR,
          the + " ended early",
          "Its %s still fell by %s over the last %d of %d epochs, to %s (%s): more epochs may help."
              .formatted(
                  what,
                  Numbers.text(still),
                  last.epoch() - before.epoch(),
                  epochs.size(),
                  Numbers.text(end),
                  training.unit()));
    }
    return new Fact(
        validated ? Mark.GOOD : Mark.FAIR,
        validated ? the + " ended well" : the + " ended, without rows to validate it on",
        "After %d epochs its %s is %s (%s), the lowest is %s after epoch %d."
            .formatted(
                epochs.size(),
                what,
                Numbers.text(end),
                training.unit(),
                Numbers.text(lowest),
                best.epoch()));
  }
}
