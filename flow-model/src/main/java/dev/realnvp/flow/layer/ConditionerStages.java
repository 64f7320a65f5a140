package dev.realnvp.flow.layer;

import dev.realnvp.engine.Affine;
import dev.realnvp.engine.Floats;
import java.util.ArrayList;
import java.util.List;

/** A {@link Conditioner} on plain arrays; all values are stored column by column. */
final class ConditionerStages {

  private final List<Affine> layers = new ArrayList<>();
  private final List<Floats> activations = new ArrayList<>();

  ConditionerStages(Conditioner conditioner) {
    List<Integer> sizes = conditioner.sizes();
    int last = sizes.size() - 2;
    for (int i = 0; i <= last; i++) {
      layers.add(new Affine(sizes.get(i), sizes.get(i + 1), i < last, Affine.Order.COLUMNS));
    }
  }

  int size() {
    return layers.stream().mapToInt(Affine::size).sum();
  }

  /** Sets where parameters and gradients are; returns the index after them. */
  int bind(Floats values, Floats gradients, int from) {
    int at = from;
    for (Affine layer : layers) {
      layer.bind(values, gradients, at);
      at += layer.size();
    }
    return at;
  }

  /** {@code [N, out]} for {@code [N, in]}. */
  Floats forward(Floats x, int rows) {
    activations.clear();
    Floats h = x;
    for (Affine layer : layers) {
      activations.add(h);
      h = layer.forward(h, rows);
    }
    return h;
  }

  /**
   * Writes the gradients.
   *
   * @param dy {@code dLoss/dout}, {@code [N, out]}; overwritten
   * @param columns how many of the input's first columns need a gradient; 0 for none
   * @return {@code [N, columns]}; null for none
   */
  Floats backward(Floats dy, int rows, int columns) {
    Floats delta = dy;
    for (int i = layers.size() - 1; i >= 0; i--) {
      Affine layer = layers.get(i);
      Floats x = activations.get(i);
      layer.backward(x, delta, rows);
      if (i > 0) {
        delta = layer.inputGradient(delta, rows, layer.in());
      } else {
        delta = columns == 0 ? null : layer.inputGradient(delta, rows, columns);
      }
    }
    return delta;
  }
}
