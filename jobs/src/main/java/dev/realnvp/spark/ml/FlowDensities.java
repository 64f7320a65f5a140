package dev.realnvp.spark.ml;

import dev.realnvp.flow.ClassMixture;
import dev.realnvp.flow.ClassScores;
import dev.realnvp.flow.FlowProgram;
import dev.realnvp.flow.RealNVP;
import java.util.stream.IntStream;

/** What a flow says of a batch of rows, whatever it is conditioned on. */
final class FlowDensities {

  private final FlowProgram program;
  private final ClassMixture mixture;

  /**
   * @param prior a weight a class, one weight for an unconditional flow; null for a flow that is
   *     conditioned on numbers
   */
  FlowDensities(RealNVP flow, double[] prior) {
    program = FlowProgram.of(flow);
    mixture = prior == null ? null : new ClassMixture(flow, prior);
  }

  /**
   * Densities and posteriors; given numbers there is one class.
   *
   * @param x {@code [N, D]}
   * @param contexts {@code [N, C]}, of no matter where the flow is not conditioned on numbers
   * @param rows N
   */
  ClassScores score(float[] x, float[] contexts, int rows) {
    if (mixture != null) {
      return mixture.score(x, rows);
    }
    double[] logProb = new double[rows];
    program.logProbGiven(x, contexts, logProb);
    return ClassScores.ofOneClass(logProb);
  }

  /** Puts z in the place of x, under the likeliest classes or the numbers. */
  void base(float[] x, float[] contexts, ClassScores scores, int rows) {
    if (mixture == null) {
      program.baseGiven(x, contexts, rows);
    } else {
      program.base(x, likeliest(scores, rows), rows);
    }
  }

  private int[] likeliest(ClassScores scores, int rows) {
    return program.context() == 0
        ? null
        : IntStream.range(0, rows).map(scores::likeliest).toArray();
  }
}
