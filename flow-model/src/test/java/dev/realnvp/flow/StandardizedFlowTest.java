package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.flow.layer.Standardization;
import dev.realnvp.model.ModelStore;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.ScaledRate;
import dev.realnvp.model.Schedule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A flow that standardises its features against one without, on scaled features. */
class StandardizedFlowTest {

  private static final int ROWS = 12;
  private static final RealNVPConfig CONFIG = Configs.small(3, 2, 3, 5);

  private static RealNVP flow(FeatureScaling scaling) {
    return RealNVP.create(CONFIG, scaling, new double[0], Configs.ADAM);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Property(tries = 40)
  void densityIsThatOfTheOriginalFeatures(
      @ForAll @Size(3) List<@DoubleRange(min = -100, max = 100) Double> mean,
      @ForAll @Size(3) List<@DoubleRange(min = 0.01, max = 1e3) Double> scale) {
    FeatureScaling scaling = new FeatureScaling(array(mean), array(scale));
    RealNVP plain = RealNVP.create(CONFIG, Configs.ADAM);
    RealNVP standardized = flow(scaling);
    INDArray z = Networks.rows(1, ROWS, 3);
    Context context = Networks.context(Networks.rows(2, ROWS, 2));
    float[] x = original(Networks.floats(z), scaling);
    double logScale = scale.stream().mapToDouble(Math::log).sum();

    // A mean that is large beside the scale leaves few digits of what lies around it.
    double digits = 1e-4;
    for (int j = 0; j < 3; j++) {
      digits += 1e-5 * Math.abs(mean.get(j)) / scale.get(j);
    }
    double[] expected = new double[ROWS];
    double[] actual = new double[ROWS];
    FlowEngine.of(plain).logProb(Networks.floats(z), context, expected);
    FlowEngine.of(standardized).logProb(x, context, actual);
    assertThat(actual).containsExactly(minus(expected, logScale), within(digits));

    float[] samplesBefore = Networks.floats(z);
    float[] samples = Networks.floats(z);
    samplesBefore = FlowEngine.of(plain).fromLatent(samplesBefore, context, expected);
    samples = FlowEngine.of(standardized).fromLatent(samples, context, actual);
    assertThat(actual).containsExactly(minus(expected, logScale), within(1e-4));
    assertThat(samples).containsExactly(original(samplesBefore, scaling), within(0.05f));
  }

  private static double[] minus(double[] values, double less) {
    return DoubleStream.of(values).map(value -> value - less).toArray();
  }

  /** Rows before they are standardised. */
  private static float[] original(float[] rows, FeatureScaling scaling) {
    float[] original = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      original[i] = (float) (rows[i] * scaling.scale()[i % 3] + scaling.mean()[i % 3]);
    }
    return original;
  }

  @Test
  void trainingLeavesTheScalingAndSavingKeepsIt() throws IOException {
    FeatureScaling scaling = new FeatureScaling(new double[] {5, -2, 0}, new double[] {10, 0.5, 1});
    RealNVP flow =
        RealNVP.create(
            CONFIG, scaling, new double[0], new Optimizer(1e-2, Schedule.COSINE, 100, 10, 1e-5));
    ScaledRate.scale(flow.network(), 0.5);
    for (int i = 0; i < 5; i++) {
      flow.network()
          .fit(RealNVP.trainingBatch(Networks.rows(i, ROWS, 3), Networks.rows(-i, ROWS, 2)));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ModelStore.write(flow.network(), out);
    RealNVP loaded = RealNVP.of(ModelStore.read(new ByteArrayInputStream(out.toByteArray())));

    assertThat(loaded.network().getParam("0_mean").toDoubleVector()).containsExactly(5, -2, 0);
    assertThat(loaded.network().getParam("0_scale").toDoubleVector()).containsExactly(10, 0.5, 1);
    assertThat(loaded.network().params()).isEqualTo(flow.network().params());
    assertThat(loaded.network().getLearningRate(1)).isEqualTo(flow.network().getLearningRate(1));
  }

  @Test
  void noiseSparesConstantFeatures() {
    Moments moments = new Moments(3);
    moments.add(new float[] {1, 7, -1}, 1);
    moments.add(new float[] {2, 7, 5}, 1);
    assertThat(FeatureScaling.noise(moments, 0.25)).containsExactly(0.25, 0, 0.25);
    assertThat(FeatureScaling.noise(moments, 0)).isEmpty();
  }

  @Test
  void wrongNoiseIsRefused() {
    assertThatThrownBy(() -> new Standardization(3, 0, List.of(1.0, 2.0)))
        .hasMessage("noise: got 2 values, expected 3");
    assertThatThrownBy(() -> new Standardization(2, 0, List.of(1.0, -2.0)))
        .hasMessage("noise: got [1.0, -2.0], expected finite values of at least 0");
  }

  @Test
  void scalingOfOtherFeaturesIsRefused() {
    FeatureScaling two = new FeatureScaling(new double[2], new double[] {1, 1});
    assertThatThrownBy(() -> flow(two)).hasMessage("scaling: got 2 features, expected 3");
    assertThatThrownBy(() -> new FeatureScaling(new double[1], new double[1]))
        .hasMessageContaining("feature 0: got mean 0.0 and scale 0.0");
  }
}
