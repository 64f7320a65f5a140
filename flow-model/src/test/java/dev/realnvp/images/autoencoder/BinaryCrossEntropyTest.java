package dev.realnvp.images.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.Bound;
import dev.realnvp.engine.arrays.Floats;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Against the formula in double precision. */
class BinaryCrossEntropyTest {

  private static Batch batch(int rows, float[] logits, float[] targets) {
    Batch batch = new Batch().rows(rows);
    System.arraycopy(targets, 0, batch.inputs().ensureCapacity(targets.length), 0, targets.length);
    batch.values(Floats.of(logits));
    return batch;
  }

  private static Bound stage(int pixels) {
    return new Bound(new BinaryCrossEntropy().stage(), new float[0]).width(pixels);
  }

  @Property(tries = 100)
  void lossAndGradientAreTheFormulas(
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll @IntRange(min = 1, max = 2000) int pixels,
      @ForAll @IntRange(min = 1, max = 60) int range,
      @ForAll boolean training,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[rows * pixels];
    float[] t = new float[rows * pixels];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-range, range);
      t[i] = (float) random.nextDouble();
    }
    Batch batch = batch(rows, x.clone(), t);
    Bound bound = stage(pixels);

    bound.stage().forward(batch, training);
    for (int n = 0; n < rows; n++) {
      double sum = 0;
      for (int i = n * pixels; i < (n + 1) * pixels; i++) {
        sum += Math.max(x[i], 0) - (double) x[i] * t[i] + Math.log1p(Math.exp(-Math.abs(x[i])));
      }
      assertThat(batch.losses()[n]).isCloseTo(sum / pixels, within(1e-6 * range));
    }

    bound.stage().backward(batch, true);
    for (int i = 0; i < x.length; i++) {
      double gradient = (1 / (1 + Math.exp(-(double) x[i])) - t[i]) / pixels;
      assertThat((double) batch.values().array()[i]).isCloseTo(gradient, within(5e-7 / pixels));
    }
  }

  /** The loss of a sure and wrong logit is the logit, that of a sure and right one nothing. */
  @Test
  void farLogitsNeitherOverflowNorVanish() {
    Batch batch = batch(1, new float[] {500, -500, 500, -500}, new float[] {0, 1, 1, 0});
    Bound bound = stage(4);
    bound.stage().forward(batch, true);
    assertThat(batch.losses()[0]).isEqualTo(250);
    bound.stage().backward(batch, true);
    assertThat(batch.values().array()).startsWith(0.25f, -0.25f, 0, 0);
  }

  @Test
  void refusesOtherShapesActivationsAndMasks() {
    BinaryCrossEntropy loss = new BinaryCrossEntropy();
    ActivationSigmoid sigmoid = new ActivationSigmoid();
    INDArray x = Nd4j.ones(2, 3);
    assertThatThrownBy(() -> loss.computeScore(Nd4j.ones(2, 4), x, sigmoid, null, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got shape [2, 4], expected [2, 3]");
    assertThatThrownBy(() -> loss.computeScore(x, x, new ActivationIdentity(), null, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got identity, expected sigmoid");
    assertThatThrownBy(() -> loss.computeGradient(x, x, sigmoid, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mask");
  }
}
