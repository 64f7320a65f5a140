package dev.realnvp.scores;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How much likelier rows are under a flow than under another density, row by row: the figures are
 * of N differences
 *
 * <pre>
 * d_i = log p_flow(x_i) - log p_other(x_i)
 * gain = mean(d),   standard error = sqrt(sum (d_i - gain)^2 / (N - 1) / N)
 * </pre>
 *
 * <p>As both densities are of the same rows, what makes a row unlikely under both cancels. A row
 * that only one of them gives a density counts as likelier under that one, and in no mean.
 *
 * @param rows N, those with a finite density under both
 * @param nll the mean of -log p_other(x), in nats
 * @param gain in nats per row; positive if the flow is better
 * @param error the standard error of the gain
 * @param median of the differences, which a few rows far out do not move
 * @param better the share of rows that are likelier under the flow
 * @param flowless how many rows have a density under the other one alone
 * @param otherless how many have one under the flow alone
 */
public record DensityGain(
    @JsonProperty(value = "rows", required = true) long rows,
    @JsonProperty(value = "nll", required = true) double nll,
    @JsonProperty(value = "gain", required = true) double gain,
    @JsonProperty(value = "gain_standard_error", required = true) double error,
    @JsonProperty(value = "median_gain", required = true) double median,
    @JsonProperty(value = "better_share", required = true) double better,
    @JsonProperty(value = "flow_without_density", required = true) long flowless,
    @JsonProperty(value = "other_without_density", required = true) long otherless) {

  /**
   * Compares log-densities of the same rows, in nats, {@code [N]} each.
   *
   * @return empty if there are no two rows with finite ones
   */
  public static Optional<DensityGain> of(double[] flow, double[] other) {
    int[] finite =
        IntStream.range(0, flow.length)
            .filter(i -> Double.isFinite(flow[i]) && Double.isFinite(other[i]))
            .toArray();
    if (finite.length < 2) {
      return Optional.empty();
    }
    double[] gains = IntStream.of(finite).mapToDouble(i -> flow[i] - other[i]).toArray();
    double mean = Arrays.stream(gains).average().orElseThrow();
    double squares = 0;
    int better = 0;
    for (double gain : gains) {
      squares += (gain - mean) * (gain - mean);
      better += gain > 0 ? 1 : 0;
    }
    int rows = gains.length;
    long flowless = Arrays.stream(other).filter(Double::isFinite).count() - rows;
    long otherless = Arrays.stream(flow).filter(Double::isFinite).count() - rows;
    Arrays.sort(gains);
    return Optional.of(
        new DensityGain(
            rows,
            -IntStream.of(finite).mapToDouble(i -> other[i]).average().orElseThrow(),
            mean,
            Math.sqrt(squares / (rows - 1) / rows),
            (gains[(rows - 1) / 2] + gains[rows / 2]) / 2,
            (double) (better + otherless) / (rows + flowless + otherless),
            flowless,
            otherless));
  }
}
