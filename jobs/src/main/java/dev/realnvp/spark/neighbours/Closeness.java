package dev.realnvp.spark.neighbours;

import dev.realnvp.spark.scores.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * How near samples are to the rows that a flow was trained on, and how near rows are that were held
 * out. Samples that are copies are nearer than those.
 *
 * @param samples how many
 * @param median of their distances to their nearest train rows
 * @param reference the same of held-out rows, where there are any
 */
public record Closeness(long samples, double median, Optional<Reference> reference) {

  /** The share of the held-out rows that are nearer than {@link Reference#limit}. */
  public static final double LEVEL = 0.01;

  /**
   * Held-out rows.
   *
   * @param rows how many
   * @param median of their distances to their nearest train rows
   * @param limit the quantile of those distances at {@link #LEVEL}
   * @param nearer how many samples are nearer to a train row than that
   */
  public record Reference(long rows, double median, double limit, long nearer) {}

  /**
   * By distances to the nearest train rows.
   *
   * @param samples of samples, at least one
   * @param heldOut of rows that were held out, may be none
   */
  public static Closeness of(double[] samples, double[] heldOut) {
    double median = Distribution.of(samples).quantile(0.5);
    if (heldOut.length == 0) {
      return new Closeness(samples.length, median, Optional.empty());
    }
    Distribution expected = Distribution.of(heldOut);
    double limit = expected.quantile(LEVEL);
    long nearer = DoubleStream.of(samples).filter(distance -> distance < limit).count();
    return new Closeness(
        samples.length,
        median,
        Optional.of(new Reference(heldOut.length, expected.quantile(0.5), limit, nearer)));
  }

  /** In words, a sentence each, that begin small and end without a stop. */
  public List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "nearest train row: in the median %.3g from each of %,d samples%s"
            .formatted(
                median,
                samples,
                reference
                    .map(r -> ", %.3g from each of %,d test rows".formatted(r.median(), r.rows()))
                    .orElse("; there are no test rows to compare with")));
    reference.ifPresent(
        r ->
            sentences.add(
                "%,d of %,d samples (%.1f %%) are nearer than %.3g, as %.0f %% of the test rows are"
                    .formatted(
                        r.nearer(),
                        samples,
                        100.0 * r.nearer() / samples,
                        r.limit(),
                        100 * LEVEL)));
    return sentences;
  }
}
