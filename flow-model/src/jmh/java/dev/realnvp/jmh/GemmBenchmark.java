package dev.realnvp.jmh;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import dev.realnvp.engine.Floats;
import dev.realnvp.engine.Gemm;
import dev.realnvp.engine.Matrix;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code C = A B}, of the sizes that the models have: a flow's layer at 100 and at 500 rows, a
 * convolution as im2col gives it, the autoencoder's code, and a large one for the processor's
 * limit.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GemmBenchmark {

  /** Rows of A, columns of A, columns of B. */
  @Param({"100x200x200", "500x200x200", "4900x288x64", "100x3136x20", "1024x1024x1024"})
  public String shape;

  private int rows;
  private int inner;
  private int columns;
  private float[] a;
  private float[] b;
  private float[] c;
  private Matrix left;
  private Matrix right;
  private Matrix product;

  /** What was computed; JMH divides it by the time. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Work {
    /** 1e9 multiplications and additions; in JMH's table, GFLOP/s. */
    public double gflop;

    /** Starts at nothing in every iteration. */
    @Setup(Level.Iteration)
    public void clear() {
      gflop = 0;
    }
  }

  /** Fills the matrices. */
  @Setup
  public void fill() {
    int[] sizes = Stream.of(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    rows = sizes[0];
    inner = sizes[1];
    columns = sizes[2];
    a = RandomArrays.random(rows * inner);
    b = RandomArrays.random(inner * columns);
    c = new float[rows * columns];
    left = Matrix.of(Floats.of(a), inner);
    right = Matrix.of(Floats.of(b), columns);
    product = Matrix.of(Floats.of(c), columns);
  }

  /** As the engine calls it. */
  @Benchmark
  public float[] engine(Work work) {
    Gemm.multiply(rows, columns, inner, left, right, product);
    return done(work);
  }

  /** OpenBLAS through JavaCPP's binding, arrays in and out. */
  @Benchmark
  public float[] javacpp(Work work) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasNoTrans,
        rows,
        columns,
        inner,
        1,
        a,
        inner,
        b,
        columns,
        0,
        c,
        columns);
    return done(work);
  }

  private float[] done(Work work) {
    work.gflop += 2e-9 * rows * inner * columns;
    return c;
  }
}
