package dev.realnvp.jmh;

import dev.realnvp.engine.Elementwise;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Functions of every element, in nanoseconds an element, over a minibatch of a hidden layer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ElementwiseBenchmark {

  private static final int SIZE = 100 * 200;

  private final float[] x = RandomArrays.random(SIZE);
  private final float[] y = new float[SIZE];

  /** Does not change x after the first call, and takes as long. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public float[] relu() {
    Elementwise.relu(x, 0, SIZE);
    return x;
  }

  /** The gradient of {@link #relu}. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public float[] reluGradient() {
    Elementwise.reluGradient(x, y, 0, SIZE);
    return y;
  }

  /** Hyperbolic tangent. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public float[] tanh() {
    Elementwise.tanh(x, 1, y, 0, SIZE);
    return y;
  }

  /** Logistic function. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public float[] sigmoid() {
    Elementwise.sigmoid(x, y, 0, SIZE);
    return y;
  }

  /** Exponential function of -1 to 1. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public float[] expOfUnit() {
    Elementwise.expOfUnit(x, 1, y, 0, SIZE);
    return y;
  }
}
