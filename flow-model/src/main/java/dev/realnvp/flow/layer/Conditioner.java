package dev.realnvp.flow.layer;

import dev.realnvp.engine.Affine;
import dev.realnvp.engine.arrays.Elementwise;
import dev.realnvp.engine.arrays.Floats;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of a coupling. It has sizes and names, but not the parameters. Either fully connected,
 * with ReLU between its layers:
 *
 * <pre>
 * h_0 = in,  h_(i+1) = relu(h_i W_i + b_i),  out = h_L W_L + b_L
 * </pre>
 *
 * <p>or residual (Durkan et al. 2019, Neural Spline Flows, appendix B.1, with the blocks of He et
 * al. 2016, Identity Mappings in Deep Residual Networks, which begin with their activation):
 *
 * <pre>
 * h_0 = in W_0 + b_0
 * h_(k+1) = h_k + relu(relu(h_k) W_(2k+1) + b_(2k+1)) W_(2k+2) + b_(2k+2)
 * out = h_K W_(2K+1) + b_(2K+1)
 * </pre>
 *
 * @param prefix of its parameters' names, so that a layer can have several conditioners
 * @param sizes of what goes into each affine map, W_0 first, and of the output
 * @param kind which of the two; a residual one has an even number of affine maps
 */
public record Conditioner(String prefix, List<Integer> sizes, Conditioner.Kind kind) {

  /** How the networks of a coupling are built. */
  public enum Kind {
    /** Fully connected layers with ReLU between them, one hidden layer per size. */
    MLP,

    /** Residual blocks between two affine maps, one block per size; all sizes are equal. */
    RESIDUAL;

    /**
     * Refuses sizes that such a network cannot have.
     *
     * @throws IllegalArgumentException if it is residual, and the sizes differ
     */
    public void require(List<Integer> hidden) {
      if (!takes(hidden)) {
        throw new IllegalArgumentException(
            "hidden: got " + hidden + ", expected equal sizes for residual conditioners");
      }
    }

    /** Whether such a network can have these sizes. */
    public boolean takes(List<Integer> hidden) {
      return this == MLP || hidden.stream().distinct().count() == 1;
    }
  }

  /** Of the last map of a block, which is nearly the identity at first, as in Durkan's programs. */
  private static final double LITTLE = 1e-3;

  public Conditioner {
    sizes = List.copyOf(sizes);
  }

  /**
   * @param hidden one size per hidden layer or block
   */
  static Conditioner of(
      String prefix, Conditioner.Kind kind, int in, List<Integer> hidden, int out) {
    List<Integer> sizes = new ArrayList<>();
    sizes.add(in);
    if (kind == Conditioner.Kind.RESIDUAL) {
      sizes.add(hidden.get(0));
      sizes.addAll(hidden);
    }
    sizes.addAll(hidden);
    sizes.add(out);
    return new Conditioner(prefix, sizes, kind);
  }

  private int last() {
    return sizes.size() - 2;
  }

  private boolean residual() {
    return kind == Conditioner.Kind.RESIDUAL;
  }

  /** Whether a map is the second one of a block. */
  private boolean endsBlock(int map) {
    return residual() && map > 0 && map % 2 == 0;
  }

  /** Whether ReLU follows a map. */
  private boolean rectified(int map) {
    return map < last() && (!residual() || map % 2 == 1);
  }

  private String weight(int map) {
    return prefix + "W" + map;
  }

  private String bias(int map) {
    return prefix + "b" + map;
  }

  /**
   * W_i {@code [in, out]} and b_i {@code [out]} of each map, uniform as in PyTorch; of the second
   * map of a block within 0.001.
   */
  List<ParamLayout.Param> params() {
    List<ParamLayout.Param> params = new ArrayList<>();
    for (int i = 0; i <= last(); i++) {
      int in = sizes.get(i);
      int out = sizes.get(i + 1);
      ParamLayout.Init init = endsBlock(i) ? ParamLayout.within(LITTLE) : ParamLayout.uniform(in);
      params.add(new ParamLayout.Param(weight(i), new long[] {in, out}, init, true));
      params.add(new ParamLayout.Param(bias(i), new long[] {out}, init, true));
    }
    return params;
  }

  /** A {@link Conditioner} on plain arrays; all values are stored column by column. */
  static final class Stages {

    private final boolean residual;
    private final List<Affine> maps = new ArrayList<>();

    /** What each map got. */
    private final List<Floats> inputs = new ArrayList<>();

    /** relu(h) of each block. */
    private final List<Floats> rectified = new ArrayList<>();

    Stages(Conditioner conditioner) {
      residual = conditioner.residual();
      List<Integer> sizes = conditioner.sizes();
      for (int i = 0; i <= conditioner.last(); i++) {
        maps.add(
            new Affine(
                sizes.get(i), sizes.get(i + 1), conditioner.rectified(i), Affine.Order.COLUMNS));
        rectified.add(new Floats());
      }
    }

    /** Sets where parameters and gradients are; returns the index after them. */
    int bind(Floats values, Floats gradients, int from) {
      int at = from;
      for (Affine map : maps) {
        map.bind(values, gradients, at);
        at += map.size();
      }
      return at;
    }

    /** {@code [N, out]} for {@code [N, in]}. */
    Floats forward(Floats x, int rows) {
      inputs.clear();
      if (!residual) {
        Floats h = x;
        for (int i = 0; i < maps.size(); i++) {
          h = run(i, h, rows);
        }
        return h;
      }
      Floats h = run(0, x, rows);
      int last = maps.size() - 1;
      for (int i = 1; i < last; i += 2) {
        int size = rows * maps.get(i).in();
        float[] relu = rectified.get(i).ensureCapacity(size);
        System.arraycopy(h.array(), 0, relu, 0, size);
        Elementwise.relu(relu, 0, size);
        add(run(i + 1, run(i, rectified.get(i), rows), rows), h, size);
      }
      return run(last, h, rows);
    }

    private Floats run(int map, Floats x, int rows) {
      inputs.add(x);
      return maps.get(map).forward(x, rows);
    }

    private static void add(Floats from, Floats to, int size) {
      float[] terms = from.array();
      float[] sums = to.array();
      for (int i = 0; i < size; i++) {
        sums[i] += terms[i];
      }
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
      int i = maps.size() - 1;
      if (residual) {
        delta = back(i, dy, rows);
        for (i -= 2; i > 0; i -= 2) {
          int size = rows * maps.get(i).in();
          Floats dh = back(i, back(i + 1, delta, rows), rows);
          Elementwise.reluGradient(rectified.get(i).array(), dh.array(), 0, size);
          add(dh, delta, size);
        }
        i = 0;
      }
      for (; i > 0; i--) {
        delta = back(i, delta, rows);
      }
      maps.get(0).backward(inputs.get(0), delta, rows);
      return columns == 0 ? null : maps.get(0).inputGradient(delta, rows, columns);
    }

    /** Writes a map's gradients, and returns those of its input. */
    private Floats back(int map, Floats dy, int rows) {
      maps.get(map).backward(inputs.get(map), dy, rows);
      return maps.get(map).inputGradient(dy, rows, maps.get(map).in());
    }
  }
}
