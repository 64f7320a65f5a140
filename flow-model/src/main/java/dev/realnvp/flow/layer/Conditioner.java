package dev.realnvp.flow.layer;

import dev.realnvp.engine.Affine;
import dev.realnvp.engine.Floats;
import java.util.ArrayList;
import java.util.List;

/**
 * A fully connected network with ReLU between its layers: {@code h_0 = in, h_(i+1) = relu(h_i W_i +
 * b_i), out = h_L W_L + b_L}. It has sizes and names, but not the parameters.
 *
 * @param prefix of its parameters' names, so that a layer can have several conditioners
 * @param sizes of input, hidden layers and output
 */
record Conditioner(String prefix, List<Integer> sizes) {

  Conditioner {
    sizes = List.copyOf(sizes);
  }

  private int layers() {
    return sizes.size() - 1;
  }

  private String weight(int layer) {
    return prefix + "W" + layer;
  }

  private String bias(int layer) {
    return prefix + "b" + layer;
  }

  /** W_i {@code [in, out]} and b_i {@code [out]} of each layer, uniform as in PyTorch. */
  List<ParamLayout.Param> params() {
    List<ParamLayout.Param> params = new ArrayList<>();
    for (int i = 0; i < layers(); i++) {
      int in = sizes.get(i);
      int out = sizes.get(i + 1);
      ParamLayout.Init init = ParamLayout.uniform(in);
      params.add(new ParamLayout.Param(weight(i), new long[] {in, out}, init, true));
      params.add(new ParamLayout.Param(bias(i), new long[] {out}, init, true));
    }
    return params;
  }

  /** A {@link Conditioner} on plain arrays; all values are stored column by column. */
  static final class Stages {

    private final List<Affine> layers = new ArrayList<>();
    private final List<Floats> activations = new ArrayList<>();

    Stages(Conditioner conditioner) {
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
}
