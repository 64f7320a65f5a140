package dev.realnvp.spark.summary;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.failure.InvalidInputException;
import java.util.List;

/** The images of rows in a flow's base space: standard normal, if the flow fits the rows. */
public final class BaseSpace {

  private BaseSpace() {}

  /**
   * The rows in the flow's base space.
   *
   * @param rows of D values each; with labels if the flow is conditioned on them
   * @return {@code z = f(x; label)}, one row after the other, {@code [N, D]}
   * @throws InvalidInputException if the flow has another width, or needs labels that are missing
   */
  public static float[] of(RealNVP flow, List<LabelledVector> rows) {
    int features = flow.features();
    int[] classes = flow.context() == 0 ? null : new int[rows.size()];
    float[] values = new float[Math.multiplyExact(rows.size(), features)];
    for (int i = 0; i < rows.size(); i++) {
      LabelledVector row = rows.get(i);
      if (row.values().length != features) {
        throw new InvalidInputException(
            "rows have %d features; the flow takes %d".formatted(row.values().length, features));
      }
      System.arraycopy(row.values(), 0, values, i * features, features);
      if (classes != null) {
        if (row.label() == null || row.label() < 0 || row.label() >= flow.context()) {
          throw new InvalidInputException(
              "a row has label %s; the flow takes 0 to %d"
                  .formatted(row.label(), flow.context() - 1));
        }
        classes[i] = row.label();
      }
    }
    Context context = classes == null ? Context.NONE : new Context.Classes(classes, flow.context());
    return FlowEngine.of(flow).toLatent(values, context, rows.size());
  }
}
