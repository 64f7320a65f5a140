package dev.realnvp.flow.layer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The parameters of one layer, in the order of its flat vector. This is the only place that defines
 * a parameter's name, shape, initial value and trainability.
 *
 * @param params the parameters, with different names
 */
public record ParamLayout(List<Param> params) {

  /** Writes a parameter's initial value into its array. */
  @FunctionalInterface
  public interface Init {
    void fill(INDArray target);
  }

  /**
   * One parameter.
   *
   * @param name without an underscore, which DL4J puts between a layer's name and this one
   * @param shape {@code [n]} or {@code [rows, columns]}; matrices are column-major
   * @param init the initial value
   * @param trained whether it follows the gradient; otherwise the result of backpropagation is
   *     subtracted from it unchanged
   */
  public record Param(String name, long[] shape, Init init, boolean trained) {

    /**
     * The number of elements.
     *
     * @throws ArithmeticException if the number overflows
     */
    long length() {
      return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
  }

  public ParamLayout {
    params = List.copyOf(params);
  }

  static ParamLayout of(Param... params) {
    return new ParamLayout(List.of(params));
  }

  /** Every element is {@code value}. */
  static Init constant(double value) {
    return target -> target.assign(value);
  }

  /** Uniform in {@code [-1/sqrt(fanIn), 1/sqrt(fanIn))}, as in PyTorch's linear layer. */
  static Init uniform(long fanIn) {
    return within(1 / Math.sqrt(fanIn));
  }

  /** Uniform in {@code [-bound, bound)}. */
  static Init within(double bound) {
    return target ->
        target.assign(Nd4j.rand(target.dataType(), target.shape()).muli(2 * bound).subi(bound));
  }

  long length() {
    return params.stream().mapToLong(Param::length).reduce(0, Math::addExact);
  }

  long trainedLength() {
    return params.stream().filter(Param::trained).mapToLong(Param::length).sum();
  }

  List<String> names() {
    return params.stream().map(Param::name).toList();
  }

  List<String> trainedNames() {
    return params.stream().filter(Param::trained).map(Param::name).toList();
  }

  boolean isTrained(String name) {
    return param(name).trained();
  }

  /** Arrays by name, as views of a layer's flat vector. */
  Map<String, INDArray> views(INDArray flat) {
    Map<String, INDArray> views = new LinkedHashMap<>();
    long start = 0;
    for (Param param : params) {
      long end = start + param.length();
      INDArray slice = flat.reshape(flat.length()).get(NDArrayIndex.interval(start, end));
      views.put(param.name(), slice.reshape('f', param.shape()));
      start = end;
    }
    return views;
  }

  private Param param(String name) {
    return params.stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new NoSuchElementException("No parameter " + name + ", there are " + names()));
  }
}
