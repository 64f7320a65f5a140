package dev.realnvp.engine;

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
    int[] order = stage.order();
    float[] own = new float[order.length];
    for (int i = 0; i < order.length; i++) {
      own[i] = layer[order[i]];
    }
    values = Floats.of(own);
    gradients = Floats.of(new float[stage.trained()]);
    Arrays.fill(gradients.array(), Float.NaN);
    stage.bind(values, gradients, 0, stage.trained());
  }

  /** The stage. */
  public Stage stage() {
    return stage;
  }

  /** The gradients in the layer's own order. */
  public float[] gradients() {
    int[] order = stage.order();
    float[] layer = new float[order.length];
    for (int i = 0; i < stage.trained(); i++) {
      layer[order[i]] = gradients.array()[i];
    }
    return layer;
  }

  /** Tells a loss how many values a row has. */
  public Bound width(int values) {
    ((LossStage) stage).width(values);
    return this;
  }
}
