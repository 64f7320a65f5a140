package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A batch that passes through the stages. Each stage replaces the rows of the previous stage by its
 * own.
 */
public final class Batch {

  private static final IntPredicate NONE = row -> false;

  private int rows;
  private Floats inputs = new Floats();
  private final Floats context = new Floats();
  private Floats condition = context;
  private Floats conditionGradient;
  private int[] labels = new int[0];
  private int classes;
  private boolean oneHot;
  private Floats values = inputs;
  private double[] logDet = new double[0];
  private double[] losses = new double[0];
  private final Floats latents = new Floats();
  private final Floats weights = new Floats();
  private boolean weighted;
  private IntPredicate suspects = NONE;

  /** Sets the number of rows, all with equal weight. The caller then fills inputs and context. */
  public Batch rows(int count) {
    rows = count;
    values = inputs;
    condition = context;
    conditionGradient = null;
    classes = 0;
    weighted = false;
    suspects = NONE;
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
   * The inputs: images row by row, {@code [N, H, W, C]}; the rows of a flow column by column,
   * {@code [D, N]}.
   */
  public Floats inputs() {
    return inputs;
  }

  /**
   * The context of a flow, or the targets of a classifier, column by column: {@code [C, N]}; of
   * classes one-hot vectors.
   */
  public Floats context() {
    if (classes > 0 && !oneHot) {
      float[] columns = context.zeros(Math.multiplyExact(rows, classes));
      for (int i = 0; i < rows; i++) {
        columns[labels[i] * rows + i] = 1;
      }
      oneHot = true;
    }
    return context;
  }

  /**
   * Makes the context one of K classes.
   *
   * @return the label of each row, from 0 to K - 1, {@code [N]}, to be filled before the context is
   *     read
   */
  public int[] classes(int count) {
    classes = count;
    oneHot = false;
    if (labels.length < rows) {
      labels = new int[rows];
    }
    return labels;
  }

  /** The label of each row, if the context is one of classes; else null. */
  public int[] labels() {
    return classes > 0 ? labels : null;
  }

  /**
   * What couplings are given, column by column, {@code [E, N]}: what a stage has made of the
   * context, or the context itself.
   */
  public Floats condition() {
    return condition == context ? context() : condition;
  }

  /** Makes the context what couplings are given again. */
  public void conditionOnContext() {
    condition(context, null);
  }

  /** The latents of a flow's discrete features, column by column, {@code [M, N]}. */
  public Floats latents() {
    return latents;
  }

  /**
   * Sets what couplings are given.
   *
   * @param gradient {@code [E, N]}, to which they add {@code dLoss/dcondition} in a backward pass;
   *     null if nobody needs it
   */
  public void condition(Floats next, Floats gradient) {
    condition = next;
    conditionGradient = gradient;
  }

  /** {@code dLoss/dcondition} so far, {@code [E, N]}; null if it is not needed. */
  public Floats conditionGradient() {
    return conditionGradient;
  }

  /**
   * Gives each row a weight, which multiplies its loss. Only the stages of a flow take weights.
   *
   * @return the weights, {@code [N]}, to be filled
   */
  public float[] weigh() {
    weighted = true;
    return weights.ensureCapacity(rows);
  }

  /** Lets only some rows count: the others weigh nothing, and these so much more in their place. */
  public void keep(IntPredicate kept) {
    double all = totalWeight();
    float[] left = weights.ensureCapacity(rows);
    for (int i = 0; i < rows; i++) {
      left[i] = kept.test(i) ? weight(i) : 0;
    }
    weighted = true;
    double rest = totalWeight();
    float times = (float) (rest > 0 ? all / rest : 1);
    for (int i = 0; i < rows; i++) {
      left[i] *= times;
    }
  }

  /** Says which rows a loss may leave out in training; none, unless it is said. */
  public void suspect(IntPredicate rowsThatMay) {
    suspects = rowsThatMay;
  }

  /** Whether a loss may leave out row i in training. */
  public boolean suspected(int i) {
    return suspects.test(i);
  }

  /** Whether rows have weights. */
  public boolean weighted() {
    return weighted;
  }

  /** The weight of row i; 1 if rows have no weights. */
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

  /** The current rows: values in a forward pass, {@code dLoss/dvalues} in a backward pass. */
  public Floats values() {
    return values;
  }

  /** Sets the rows for the next stage. */
  public void values(Floats next) {
    values = next;
  }

  /** The log-determinant of the Jacobian so far, in nats per row. */
  public double[] logDet() {
    return logDet;
  }

  /** The unweighted loss in nats per row, from the last stage. */
  public double[] losses() {
    return losses;
  }

  /** {@code sum_i w_i loss_i / N}: the mean loss if weights are 1 on average. */
  public double meanLoss() {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += weight(i) * losses[i];
    }
    return sum / rows;
  }
}
