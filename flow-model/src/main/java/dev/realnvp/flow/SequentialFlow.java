package dev.realnvp.flow;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Transforms one after the other: {@code f = f_n o ... o f_1}, {@code log |det df/dx| = sum_i log
 * |det df_i|}. All have the same features and are given the same context.
 */
public final class SequentialFlow implements Transform {

  private final List<Transform> transforms;

  /**
   * @param transforms in the order of forward, at least one
   * @throws IllegalArgumentException if there is none, or if neighbours differ in size
   */
  public SequentialFlow(List<? extends Transform> transforms) {
    if (transforms.isEmpty()) {
      throw new IllegalArgumentException("transforms: got none, expected at least 1");
    }
    this.transforms = List.copyOf(transforms);
    for (int i = 1; i < transforms.size(); i++) {
      requireSame("features", i, transforms.get(i - 1).features(), transforms.get(i).features());
      requireSame("context", i, transforms.get(i - 1).context(), transforms.get(i).context());
    }
  }

  private void requireSame(String what, int index, int before, int here) {
    if (before != here) {
      throw new IllegalArgumentException(
          "%s: got %d in transform %d (%s), expected the %d of transform %d (%s)"
              .formatted(what, here, index, name(index), before, index - 1, name(index - 1)));
    }
  }

  private String name(int index) {
    return transforms.get(index).getClass().getSimpleName();
  }

  /** The transforms, in the order of forward. */
  public List<Transform> transforms() {
    return transforms;
  }

  @Override
  public int features() {
    return transforms.get(0).features();
  }

  @Override
  public int context() {
    return transforms.get(0).context();
  }

  @Override
  public Transformed forward(INDArray inputs, INDArray context) {
    return last(forwardSteps(inputs, context));
  }

  @Override
  public Transformed inverse(INDArray outputs, INDArray context) {
    return last(inverseSteps(outputs, context));
  }

  /**
   * Forward, with what each transform leaves.
   *
   * @param inputs {@code [N, D]}
   * @param context {@code [N, C]}
   * @return after each transform, from the first to the last: the rows, and the log-determinant of
   *     all so far
   */
  public List<Transformed> forwardSteps(INDArray inputs, INDArray context) {
    List<Transformed> steps = new ArrayList<>();
    for (Transform transform : transforms) {
      steps.add(after(steps, transform.forward(rows(steps, inputs), context)));
    }
    return steps;
  }

  /**
   * Inverse, with what each transform leaves.
   *
   * @param outputs {@code [N, D]}
   * @param context {@code [N, C]}
   * @return after each transform, from the last to the first: the rows, and the log-determinant of
   *     all so far
   */
  public List<Transformed> inverseSteps(INDArray outputs, INDArray context) {
    List<Transformed> steps = new ArrayList<>();
    for (int i = transforms.size() - 1; i >= 0; i--) {
      steps.add(after(steps, transforms.get(i).inverse(rows(steps, outputs), context)));
    }
    return steps;
  }

  private static INDArray rows(List<Transformed> steps, INDArray start) {
    return steps.isEmpty() ? start : last(steps).outputs();
  }

  private static Transformed after(List<Transformed> steps, Transformed step) {
    return steps.isEmpty()
        ? step
        : new Transformed(
            step.outputs(), step.logAbsDetJacobian().add(last(steps).logAbsDetJacobian()));
  }

  private static Transformed last(List<Transformed> steps) {
    return steps.get(steps.size() - 1);
  }
}
