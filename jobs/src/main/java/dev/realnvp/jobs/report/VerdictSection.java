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
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.flow.FlowModel;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is to be thought of a run, in words: a sentence per fact, with its figure. */
final class VerdictSection {

  static final String TRAIN = "train";

  /** How many standard errors tell a difference from chance, two-sided: 95 %. */
  static final double CLEAR = 2;

  /** So many false alarms have to be among the rows that set a threshold to know it well. */
  private static final int ALARMS = 10;

  /** So many have to be expected among the rows that measure how many there are. */
  private static final int FEWEST_ALARMS = 5;

  /** A false-alarm rate of so many times the one that was asked for is too high. */
  private static final double MUCH = 2;

  /** Of what a loss fell in all: more than that is no chance. */
  private static final double PART = 0.05;

  /** How good something is, by the class that report.css colours. */
  enum Mark {
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
  record Fact(Mark mark, String headline, String sentence) {}

  private VerdictSection() {}

  static DomContent of(RunFacts run) {
    List<Fact> facts = new ArrayList<>();
    if (run.metrics() instanceof Content.Present<Metrics> there) {
      facts.addAll(MeritVerdict.of(there.value(), on(run, there.value().split())));
    }
    threshold(run, facts);
    suspects(run, facts);
    run.trainings().stream()
        .filter(training -> training.standing().isEmpty() && !training.epochs().isEmpty())
        .forEach(training -> facts.add(ending(run, training)));
    if (!(run.metrics() instanceof Content.Present)) {
      facts.add(
          new Fact(
              Mark.OPEN,
              "Not evaluated",
              "evaluate.sh measures the flow, on held-out rows if there are some, next to simpler densities."));
    }
    return section(
        h2("Verdict"),
        ul(each(facts, VerdictSection::item)).withClass("verdict"),
        facts.stream().anyMatch(fact -> fact.sentence.contains("\u00b1"))
            ? p("\u00b1 is a standard error. Two of them tell a difference from chance (95 %).")
                .withClass("note")
            : words(""));
  }

  private static DomContent item(Fact fact) {
    return li(
            span(fact.mark.word).withClass("mark"),
            span(strong(words(fact.headline + ". ")), words(fact.sentence)))
        .withClass(fact.mark.word);
  }

  /** What makes figures of these rows too good; empty if nothing does. */
  static String on(RunFacts run, String split) {
    return TRAIN.equals(split)
        ? " on its own training rows"
        : run.densities().threshold() != null
                && run.densities().threshold().split().equals(split)
                && keepsBest(run, "flow")
            ? " on the rows that chose its epoch"
            : "";
  }

  /** Whether a training chose its epoch by the validation rows, rather than taking the last. */
  private static boolean keepsBest(RunFacts run, String model) {
    return run.settings().stream().anyMatch(s -> s.key().equals(model + ".patience"))
        || run.manifests().values().stream()
            .anyMatch(
                stored ->
                    stored.kind().equals(model)
                        && stored.config().containsKey(Manifest.KEPT_EPOCH));
  }

  /** Which rows the training of the flow might leave out. */
  private static void suspects(RunFacts run, List<Fact> facts) {
    run.manifests().values().stream()
        .map(model -> model.config().get(FlowModel.SUSPECTS))
        .filter(Map.class::isInstance)
        .map(found -> (Map<?, ?>) found)
        .forEach(
            found ->
                facts.add(
                    new Fact(
                        Mark.OPEN,
                        "Some training rows may not have counted",
                        "%s of them were far from what a first epoch had learnt, most in %s (in standard deviations). While they stayed so, the flow did not learn them."
                            .formatted(
                                Numbers.percent(((Number) found.get("share")).doubleValue()),
                                FlowModel.text((Map<?, ?>) found.get("features"))))));
  }

  private static void threshold(RunFacts run, List<Fact> facts) {
    RunFacts.Threshold threshold = run.densities().threshold();
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
    String but =
        (keepsBest(run, "flow") ? ", which also chose the training's epoch" : "")
            + (many ? "" : ", but on few");
    facts.add(
        new Fact(
            heldOut ? but.isEmpty() ? Mark.GOOD : Mark.FAIR : Mark.BAD,
            heldOut
                ? "The threshold was set on held-out rows" + but
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
    String how = "";
    String on = "";
    String few = "the rate that was set";
    if (run.metrics() instanceof Content.Present<Metrics> there) {
      Metrics merit = there.value();
      boolean train = TRAIN.equals(merit.split());
      on = on(run, merit.split());
      if (merit.anomalies() != null) {
        share = merit.anomalies().falseAlarms();
        measuredOn = merit.anomalies().normalRows();
        how =
            "as of the rows that column %s does not mark".formatted(merit.anomalies().column())
                + on;
      } else {
        share = merit.figure("false_alarms");
        measuredOn = merit.rows();
        how =
            train
                ? "as measured on training rows: expect more on new ones"
                : "as measured on other rows than set the threshold" + on;
      }
      few +=
          how.isEmpty() ? "" : ": too few %s rows to measure it".formatted(train ? TRAIN : "other");
    }
    Mark mark = Mark.OPEN;
    boolean measured = share != null && measuredOn * rate >= FEWEST_ALARMS;
    if (measured) {
      double error = Math.sqrt(rate * (1 - rate) / measuredOn);
      mark =
          share <= rate + CLEAR * error ? Mark.GOOD : share <= MUCH * rate ? Mark.FAIR : Mark.BAD;
    }
    double alarms = measured ? share : rate;
    return new Fact(
        MeritVerdict.good(mark, on),
        "About %s false alarms per day, if a table of this size comes each day"
            .formatted(Numbers.count(Math.round(alarms * rows))),
        "That is %s of %s rows, %s%s."
            .formatted(
                Numbers.percent(alarms),
                Numbers.count(rows),
                measured ? how : few,
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
    boolean kept = keepsBest(run, training.name());
    if (validated && end - lowest > PART * fall) {
      return new Fact(
          kept ? Mark.FAIR : Mark.BAD,
          the + " went on for too long",
          "Its %s rose from %s after epoch %d to %s after epoch %d (%s).%s"
              .formatted(
                  what,
                  Numbers.text(lowest),
                  best.epoch(),
                  Numbers.text(end),
                  last.epoch(),
                  training.unit(),
                  kept ? " The model is that of epoch %d.".formatted(best.epoch()) : ""));
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
        "After %d epochs its %s is %s (%s), the lowest is %s after epoch %d%s."
            .formatted(
                epochs.size(),
                what,
                Numbers.text(end),
                training.unit(),
                Numbers.text(lowest),
                best.epoch(),
                kept ? ", which is kept" : ""));
  }
}
