package dev.realnvp.jmh;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Learner;
import dev.realnvp.engine.StageSequence;
import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.engine.arrays.Gemm;
import dev.realnvp.engine.arrays.Matrix;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The flow on codes of 20 numbers and 10 classes: a training step of 100 rows, densities of 500,
 * and the product of a hidden layer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FlowBenchmark {

  private static final int FEATURES = 20;
  private static final int CLASSES = 10;
  private static final int WIDTH = 200;
  private static final int TRAINED_ROWS = 100;
  private static final int SCORED_ROWS = 500;

  private RealNVP flow;
  private DataSet minibatch;
  private Learner learner;
  private StageSequence program;
  private Batch scored;
  private Matrix rows;
  private Matrix weights;
  private Matrix product;

  /** Makes the flow, and minibatches for both ways to train it. */
  @Setup
  public void make() {
    flow =
        RealNVP.create(
            RealNVPConfig.builder(FEATURES, CLASSES, 9, List.of(WIDTH, WIDTH)).seed(1).build(),
            new Optimizer(1e-3, Schedule.CONSTANT, 1, 1e-5));
    INDArray x = Nd4j.randn(TRAINED_ROWS, FEATURES);
    int[] labels = IntStream.range(0, TRAINED_ROWS).map(i -> i % CLASSES).toArray();
    minibatch =
        RealNVP.trainingBatch(x, new Context.Classes(labels, CLASSES).array(TRAINED_ROWS, i -> i));
    learner = Learner.of(flow.network()).orElseThrow();
    learner.load(
        flow.network().params().toFloatVector(),
        flow.network().getUpdater().getStateViewArray().toFloatVector(),
        0,
        0);
    program = StageSequence.of(flow.network()).orElseThrow();
    scored = new Batch();
    rows = matrix(TRAINED_ROWS);
    weights = matrix(WIDTH);
    product = matrix(TRAINED_ROWS);
  }

  private static Matrix matrix(int rows) {
    return Matrix.of(Floats.of(Nd4j.randn(rows, WIDTH).data().asFloat()), WIDTH);
  }

  /** A step by the engine. */
  @Benchmark
  public double step() {
    fill(learner.batch(), TRAINED_ROWS);
    return learner.fit();
  }

  /** The same step by DL4J's {@code fit}. */
  @Benchmark
  public double stepByNetwork() {
    flow.network().fit(minibatch);
    return flow.network().score();
  }

  /** Densities of rows under a class each. */
  @Benchmark
  public double score() {
    fill(scored, SCORED_ROWS);
    program.forward(scored, false);
    return scored.meanLoss();
  }

  /** {@code [100, 200]} times {@code [200, 200]}. */
  @Benchmark
  public Matrix product() {
    Gemm.multiply(TRAINED_ROWS, WIDTH, WIDTH, rows, weights, product);
    return product;
  }

  private static void fill(Batch batch, int rows) {
    batch.rows(rows);
    float[] x = batch.inputs().ensureCapacity((long) rows * FEATURES);
    float[] context = batch.context().zeros(rows * CLASSES);
    for (int i = 0; i < rows; i++) {
      context[i % CLASSES * rows + i] = 1;
      for (int j = 0; j < FEATURES; j++) {
        x[j * rows + i] = ((i * 31 + j * 17) % 100 - 50) / 25f;
      }
    }
  }
}
