package dev.realnvp.flow.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinearDerivative;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A fully connected network with ReLU between its layers: {@code h_0 = in, h_(i+1) = relu(h_i W_i +
 * b_i), out = h_L W_L + b_L}. It holds sizes and names; parameters are given.
 *
 * @param prefix of its parameters' names, so that a layer can have several
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

  /**
   * Runs the network.
   *
   * @param params by name
   * @param in {@code [N, in]}, column-major
   * @return the input of each layer, and at the end the output
   */
  List<INDArray> forward(Map<String, INDArray> params, INDArray in) {
    List<INDArray> activations = new ArrayList<>(sizes.size());
    activations.add(in);
    INDArray h = in;
    for (int i = 0; i < layers(); i++) {
      INDArray weight = params.get(weight(i));
      INDArray out =
          Nd4j.createUninitialized(h.dataType(), new long[] {h.size(0), weight.size(1)}, 'f');
      Nd4j.gemm(h, weight, out, false, false, 1, 0);
      out.addi(params.get(bias(i)));
      if (i < layers() - 1) {
        Transforms.relu(out, false);
      }
      activations.add(out);
      h = out;
    }
    return activations;
  }

  /**
   * Goes back: writes {@code dLoss/dW_i} and {@code dLoss/db_i}, summed over the batch.
   *
   * @param params by name
   * @param activations of {@link #forward}
   * @param out {@code dLoss/dout}, {@code [N, out]}, column-major
   * @param gradients by name, where the parameters' gradients go
   * @return {@code dLoss/din}, {@code [N, in]}
   */
  INDArray backward(
      Map<String, INDArray> params,
      List<INDArray> activations,
      INDArray out,
      Map<String, INDArray> gradients) {
    INDArray delta = out;
    for (int i = layers() - 1; i >= 0; i--) {
      INDArray h = activations.get(i);
      Nd4j.gemm(h, delta, gradients.get(weight(i)), true, false, 1, 0);
      delta.sum(gradients.get(bias(i)), 0);
      INDArray before = Nd4j.createUninitialized(h.dataType(), h.shape(), 'f');
      Nd4j.gemm(delta, params.get(weight(i)), before, false, true, 1, 0);
      if (i > 0) {
        Nd4j.exec(new RectifiedLinearDerivative(h, before, before));
      }
      delta = before;
    }
    return delta;
  }
}
