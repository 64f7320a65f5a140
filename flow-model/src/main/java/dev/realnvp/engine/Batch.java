package dev.realnvp.engine;

import java.util.Arrays;

/**
 * A batch on its way through the stages. Each stage takes the rows that the last one left and
 * leaves its own.
 */
public final class Batch {

  private int rows;
  private Floats inputs = new Floats();
  private Floats context = new Floats();
  private Floats values = inputs;
  private double[] logDet = new double[0];
  private double[] losses = new double[0];
  private final Floats weights = new Floats();
  private boolean weighted;

  /** Takes a number of rows, of equal weight; inputs and context are to be filled after it. */
  public Batch rows(int count) {
    rows = count;
    values = inputs;
    weighted = false;
    if (logDet.length < count) {
      logDet = new double[count];
      losses = new double[count];
    }
    Arrays.fill(logDet, 0, count, 0);
    return this;
  }

  /** N. */
  public int rows() {
    return rows;
  }

  /**
   * What goes in: images row by row, {@code [N, H, W, C]}; a flow's rows column by column, {@code
   * [D, N]}.
   */
  public Floats inputs() {
    return inputs;
  }

  /** What a flow is conditioned on, or a classifier's targets, column by column: {@code [C, N]}. */
  public Floats context() {
    return context;
  }

  /**
   * Gives each row a weight, which multiplies its loss. Only the stages of a flow take weights.
   *
   * @return the weights, {@code [N]}, to be filled
   */
  public float[] weigh() {
    weighted = true;
    return weights.atLeast(rows);
  }

  /** Whether rows have weights. */
  public boolean weighted() {
    return weighted;
  }

  /** The weight of row i; 1 where rows have none. */
  public float weight(int i) {
    return weighted ? weights.array()[i] : 1;
  }

  /** The sum of the weights. */
  public double totalWeight() {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += weight(i);
    }
    return sum;
  }

  /** The rows as they are now: on the way forth values, on the way back {@code dLoss/dvalues}. */
  public Floats values() {
    return values;
  }

  /** Hands rows on to the next stage. */
  public void values(Floats next) {
    values = next;
  }

  /** The log-determinant of the Jacobian so far, a row, in nats. */
  public double[] logDet() {
    return logDet;
  }

  /** The loss a row, in nats, from the last stage, whatever its weight. */
  public double[] losses() {
    return losses;
  }

  /** {@code sum_i w_i loss_i / N}: the mean loss, where weights are 1 on the average. */
  public double meanLoss() {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += weight(i) * losses[i];
    }
    return sum / rows;
  }
}
