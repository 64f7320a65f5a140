package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;

/** A stage by itself, over parameters of its own. */
public final class Bound {

  private final Stage stage;
  private final Floats values;
  private final Floats gradients;

  /**
   * @param layer the parameters in the layer's own order
   */
  public Bound(Stage stage, float[] layer) {
    this.stage = stage;
    values = Floats.of(new float[stage.layerIndices().length]);
    load(layer);
    gradients = Floats.of(new float[stage.trainedCount()]);
    Arrays.fill(gradients.array(), Float.NaN);
    stage.bind(values, gradients, 0, stage.trainedCount());
  }

  /** The stage. */
  public Stage stage() {
    return stage;
  }

  /** Takes parameters in the layer's own order. */
  void load(float[] layer) {
    int[] order = stage.layerIndices();
    for (int i = 0; i < order.length; i++) {
      values.array()[i] = layer[order[i]];
    }
  }

  /** The parameters in the stage's order: first those that are trained. */
  public float[] values() {
    return values.array();
  }

  /** The gradients in the layer's own order; those of what is not trained are 0. */
  public float[] gradients() {
    int[] order = stage.layerIndices();
    float[] layer = new float[order.length];
    for (int i = 0; i < stage.trainedCount(); i++) {
      layer[order[i]] = gradients.array()[i];
    }
    return layer;
  }

  /** Tells a loss how many values a row has. */
  public Bound width(int values) {
    stage.width(values);
    return this;
  }
}
