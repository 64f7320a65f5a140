package dev.realnvp.flow.layer;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.InvertibleStage;
import java.util.stream.IntStream;

/**
 * The stage of a {@link Transform}. Its parameters are in the order of the transform's layout,
 * unless it overrides {@link #layerIndices}. Rows are stored column by column, {@code [D, N]}.
 */
abstract class Kernel extends InvertibleStage {

  private final int parameters;
  private final int trained;

  Kernel(Transform transform) {
    ParamLayout layout = transform.layout();
    parameters = Math.toIntExact(layout.length());
    trained = Math.toIntExact(layout.trainedLength());
  }

  @Override
  public int[] layerIndices() {
    return IntStream.range(0, parameters).toArray();
  }

  @Override
  public final int trainedCount() {
    return trained;
  }

  /** Trained parameter i. */
  final float trained(int i) {
    return values().array()[firstTrained() + i];
  }

  /** Parameter i of those that are not trained. */
  final float untrained(int i) {
    return values().array()[firstUntrained() + i];
  }

  /** Adds the same to the log-determinant of each row. */
  static void addLogDet(Batch batch, double term) {
    for (int i = 0; i < batch.rows(); i++) {
      batch.logDet()[i] += term;
    }
  }
}
