package dev.realnvp.flow.layer;

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
}
