package dev.realnvp.flow;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.arrays.RowArrays;
import java.io.Serializable;
import java.util.function.IntUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the densities of N rows are conditioned on: nothing, a class, or numbers. */
public sealed interface Context extends Serializable {

  /** Nothing. */
  Context NONE = new None();

  /** C, how many values a flow is given per row. */
  int width();

  /**
   * Refuses a context of another number of rows.
   *
   * @throws IllegalArgumentException if there are not so many
   */
  void requireRows(int rows);

  /**
   * Makes the values of some rows the context of a batch.
   *
   * @param count how many rows
   * @param row which ones
   * @param to a batch of so many rows
   * @throws IllegalArgumentException if a label is out of range
   */
  void load(int count, IntUnaryOperator row, Batch to);

  /**
   * The values of some rows as DL4J takes them, of type FLOAT.
   *
   * @return {@code [count, C]}; null if C is 0
   */
  default INDArray array(int count, IntUnaryOperator row) {
    if (width() == 0) {
      return null;
    }
    Batch batch = new Batch().rows(count);
    load(count, row, batch);
    return Nd4j.create(batch.context().array(), new long[] {count, width()}, 'f');
  }

  /** No context, of any number of rows. */
  record None() implements Context {

    @Override
    public int width() {
      return 0;
    }

    @Override
    public void requireRows(int rows) {}

    @Override
    public void load(int count, IntUnaryOperator row, Batch to) {}
  }

  /**
   * A class per row, given as a one-hot vector: 1 at the label, 0 elsewhere.
   *
   * @param labels {@code [N]}, from 0 to K - 1
   * @param count K
   */
  record Classes(int[] labels, int count) implements Context {

    @Override
    public int width() {
      return count;
    }

    @Override
    public void requireRows(int rows) {
      RowArrays.require("classes", labels.length, rows, 1);
    }

    @Override
    public void load(int rows, IntUnaryOperator row, Batch to) {
      int[] filled = to.classes(count);
      for (int i = 0; i < rows; i++) {
        int label = labels[row.applyAsInt(i)];
        if (label < 0 || label >= count) {
          throw new IllegalArgumentException(
              "Label %d of row %d is not one of 0 to %d"
                  .formatted(label, row.applyAsInt(i), count - 1));
        }
        filled[i] = label;
      }
    }
  }

  /**
   * Numbers.
   *
   * @param values {@code [N, C]}, row-major
   * @param width C
   */
  record Values(float[] values, int width) implements Context {

    @Override
    public void requireRows(int rows) {
      RowArrays.require("context", values.length, rows, width);
    }

    @Override
    public void load(int count, IntUnaryOperator row, Batch to) {
      RowArrays.columns(values, width, count, row, to.context());
    }
  }
}
