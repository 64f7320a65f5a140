package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderConfig;
import dev.realnvp.autoencoder.AutoencoderEngine;
import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.classifier.Classifier;
import dev.realnvp.classifier.ClassifierConfig;
import dev.realnvp.classifier.ClassifierEngine;
import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Programs refuse arrays of another size than they ask for, and say which. */
class StageSequenceSizesTest {

  private static final Optimizer OPTIMIZER = new Optimizer(1e-3, Schedule.CONSTANT, 1, 0);
  private static final ImageShape IMAGE = new ImageShape(1, 4, 4);

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void aFlows() {
    RealNVPConfig config = RealNVPConfig.builder(4, 3, 1, List.of(5)).seed(1).build();
    FlowEngine flow = FlowEngine.of(RealNVP.create(config, OPTIMIZER));
    Context classes = new Context.Classes(new int[] {0, 1}, 3);
    double[] two = new double[2];

    assertRefused(
        () -> flow.logProb(new float[7], classes, two), "x: got 7 values, expected 2 rows of 4");
    assertRefused(
        () -> flow.samples(new float[9], classes, two), "x: got 9 values, expected 2 rows of 4");
    assertRefused(
        () -> flow.base(new float[8], new Context.Classes(new int[3], 3), 2),
        "classes: got 3 values, expected 2 rows of 1");
    assertRefused(
        () -> flow.roundTripErrors(new float[8], Context.NONE, 2),
        "context: got 0 values per row, expected 3");
    assertRefused(
        () -> flow.logProb(new float[8], new Context.Values(new float[8], 3), two),
        "context: got 8 values, expected 2 rows of 3");
    assertRefused(
        () -> flow.base(new float[4], new Context.Values(new float[6], 3), 2),
        "x: got 4 values, expected 2 rows of 4");
  }

  @Test
  void anAutoencoders() {
    AutoencoderEngine autoencoder =
        AutoencoderEngine.of(
            Autoencoder.create(new AutoencoderConfig(IMAGE, List.of(2), 3, 1), OPTIMIZER));
    String images = "images: got 31 values, expected 2 rows of 16";

    assertRefused(() -> autoencoder.encode(new float[31], 2), images);
    assertRefused(() -> autoencoder.encode(new float[31], new double[2]), images);
    assertRefused(() -> autoencoder.losses(new float[31], 2), images);
    assertRefused(
        () -> autoencoder.decode(new float[7], 2), "codes: got 7 values, expected 2 rows of 3");
  }

  @Test
  void aClassifiers() {
    ClassifierEngine classifier =
        ClassifierEngine.of(
            Classifier.create(new ClassifierConfig(IMAGE, List.of(2), 3, 2, 1), OPTIMIZER));
    String images = "images: got 33 values, expected 2 rows of 16";

    assertRefused(() -> classifier.probabilities(new float[33], 2), images);
    assertRefused(() -> classifier.likeliest(new float[33], 2), images);
  }
}
