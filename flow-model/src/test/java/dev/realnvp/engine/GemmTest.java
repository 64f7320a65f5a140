package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class GemmTest {

  private final SplittableRandom random = new SplittableRandom(3);

  private Floats random(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Floats.of(values);
  }

  private static float at(Matrix matrix, int row, int column) {
    return matrix.transposed()
        ? matrix.data().array()[matrix.from() + column * matrix.stride() + row]
        : matrix.data().array()[matrix.from() + row * matrix.stride() + column];
  }

  private Matrix matrix(int rows, int columns, boolean transposed, int from, int gap) {
    int stride = (transposed ? rows : columns) + gap;
    Floats data = random(from + stride * (transposed ? columns : rows));
    return new Matrix(data, from, stride, transposed);
  }

  @Property(tries = 200)
  void productsInsideOfArraysEqualPlainLoops(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll @IntRange(min = 1, max = 40) int inner,
      @ForAll boolean transposeA,
      @ForAll boolean transposeB,
      @ForAll boolean add,
      @ForAll @IntRange(max = 9) int from,
      @ForAll @IntRange(max = 5) int gap) {
    Matrix a = matrix(rows, inner, transposeA, from, gap);
    Matrix b = matrix(inner, columns, transposeB, 2 * from, gap);
    Matrix c = matrix(rows, columns, false, from, gap);
    float[] expected = c.data().array().clone();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = add ? at(c, i, j) : 0;
        for (int k = 0; k < inner; k++) {
          sum += (double) at(a, i, k) * at(b, k, j);
        }
        expected[c.from() + i * c.stride() + j] = (float) sum;
      }
    }
    if (add) {
      Gemm.add(rows, columns, inner, a, b, c);
    } else {
      Gemm.multiply(rows, columns, inner, a, b, c);
    }
    assertThat(c.data().array()).containsExactly(expected, within(1e-5f));
  }

  @Property(tries = 50)
  void sumsOfRowsEqualPlainLoops(
      @ForAll @IntRange(min = 1, max = 300) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll @IntRange(max = 9) int from) {
    Matrix a = matrix(rows, columns, false, from, 0);
    Floats sums = random(from + columns + 1);
    float[] expected = sums.array().clone();
    for (int j = 0; j < columns; j++) {
      double sum = 0;
      for (int i = 0; i < rows; i++) {
        sum += at(a, i, j);
      }
      expected[from + j] = (float) sum;
    }
    Gemm.sumRows(rows, columns, a, new Floats(), sums, from);
    assertThat(sums.array()).containsExactly(expected, within(1e-4f));
  }
}
