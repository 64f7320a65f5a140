package dev.realnvp.jmh;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderConfig;
import dev.realnvp.autoencoder.AutoencoderEngine;
import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.engine.Learner;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** The autoencoder on 100 images of MNIST's size: a training step, the codes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AutoencoderBenchmark {

  private static final int ROWS = 100;
  private static final ImageShape IMAGE = new ImageShape(1, 28, 28);

  private Autoencoder autoencoder;
  private DataSet minibatch;
  private Learner learner;
  private AutoencoderEngine program;
  private float[] pixels;

  /** Makes the network, and minibatches for both ways to train it. */
  @Setup
  public void make() {
    autoencoder =
        Autoencoder.create(
            new AutoencoderConfig(IMAGE, List.of(32, 64), 20, 1),
            new Optimizer(1e-3, Schedule.CONSTANT, 1, 1e-5));
    pixels = RandomArrays.random(ROWS * IMAGE.pixels());
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.abs(pixels[i]);
    }
    INDArray images =
        Nd4j.createFromArray(pixels).reshape(ROWS, IMAGE.channels(), IMAGE.height(), IMAGE.width());
    minibatch = Autoencoder.trainingBatch(images);
    program = AutoencoderEngine.of(autoencoder);
    learner = Learner.of(autoencoder.network()).orElseThrow();
    learner.load(
        autoencoder.network().params().toFloatVector(),
        autoencoder.network().getUpdater().getStateViewArray().toFloatVector(),
        0,
        0);
  }

  /** A step by the engine. */
  @Benchmark
  public double step() {
    learner.batch().rows(ROWS);
    System.arraycopy(pixels, 0, learner.batch().inputs().atLeast(pixels.length), 0, pixels.length);
    return learner.fit();
  }

  /** The same step by DL4J's {@code fit}. */
  @Benchmark
  public double stepByNetwork() {
    autoencoder.network().fit(minibatch);
    return autoencoder.network().score();
  }

  /** The images' codes. */
  @Benchmark
  public float[] encode() {
    return program.encode(pixels, ROWS);
  }
}
