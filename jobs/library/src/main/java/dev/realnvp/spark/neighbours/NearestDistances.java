package dev.realnvp.spark.neighbours;

import dev.realnvp.scores.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * How near samples are to the rows that a flow was trained on, compared with held-out rows. Copies
 * are nearer than held-out rows.
 *
 * @param samples the number of samples
 * @param median of the distances to the nearest train rows
 * @param reference the same for held-out rows, if there are any
 */
public record NearestDistances(long samples, double median, Optional<Reference> reference) {

  /** The share of the held-out rows that are nearer than {@link Reference#limit}. */
  public static final double LEVEL = 0.01;

  /**
   * Held-out rows.
   *
   * @param rows the number of rows
   * @param median of the distances to the nearest train rows
   * @param limit the quantile of those distances at {@link #LEVEL}
   * @param nearer the number of samples that are nearer to a train row than the limit
   */
  public record Reference(long rows, double median, double limit, long nearer) {}

  /**
   * Compares distances to the nearest train rows.
   *
   * @param samples distances of samples, at least one
   * @param heldOut distances of held-out rows; may be empty
   */
  public static NearestDistances of(double[] samples, double[] heldOut) {
    double median = Distribution.of(samples).quantile(0.5);
    if (heldOut.length == 0) {
      return new NearestDistances(samples.length, median, Optional.empty());
    }
    Distribution expected = Distribution.of(heldOut);
    double limit = expected.quantile(LEVEL);
    long nearer = DoubleStream.of(samples).filter(distance -> distance < limit).count();
    return new NearestDistances(
        samples.length,
        median,
        Optional.of(new Reference(heldOut.length, expected.quantile(0.5), limit, nearer)));
  }

  /** In words: sentences that begin in lower case and end without a full stop. */
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
