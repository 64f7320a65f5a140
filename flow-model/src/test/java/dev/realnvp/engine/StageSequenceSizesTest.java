package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.autoencoder.AutoencoderConfig;
import dev.realnvp.images.classifier.Classifier;
import dev.realnvp.images.classifier.ClassifierConfig;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs refuse arrays of another size than they ask for, and say which. */
class StageSequenceSizesTest {

  private static final Optimizer OPTIMIZER = new Optimizer(1e-3, Schedule.CONSTANT, 1, 0);
  private static final ImageShape IMAGE = new ImageShape(4, 4, 1);

  static Stream<Arguments> wrongSizes() {
    RealNVPConfig config = RealNVPConfig.builder(4, 3, 1, List.of(5)).seed(1).build();
    FlowEngine flow = FlowEngine.of(RealNVP.create(config, OPTIMIZER));
    Autoencoder autoencoder =
        Autoencoder.create(new AutoencoderConfig(IMAGE, List.of(2), 3, 1), OPTIMIZER);
    Classifier classifier =
        Classifier.create(new ClassifierConfig(IMAGE, List.of(2), 3, 2, 1), OPTIMIZER);
    Context classes = new Context.Classes(new int[] {0, 1}, 3);
    Context tooMany = new Context.Classes(new int[3], 3);
    double[] two = new double[2];
    String images = "images: got 31 values, expected 2 rows of 16";
    return Stream.of(
        refused(
            "x: got 7 values, expected 2 rows of 4",
            () -> flow.logProb(new float[7], classes, two)),
        refused(
            "u: got 9 values, expected 2 rows of 4",
            () -> flow.fromLatent(new float[9], classes, two)),
        refused(
            "classes: got 3 values, expected 2 rows of 1",
            () -> flow.toLatent(new float[8], tooMany, 2)),
        refused(
            "context: got 0 values per row, expected 3",
            () -> flow.roundTripErrors(new float[8], Context.NONE, 2)),
        refused(
            "context: got 8 values, expected 2 rows of 3",
            () -> flow.logProb(new float[8], new Context.Values(new float[8], 3), two)),
        refused(images, () -> autoencoder.encode(new float[31], 2)),
        refused(images, () -> autoencoder.encode(new float[31], new double[2])),
        refused(
            "codes: got 7 values, expected 2 rows of 3", () -> autoencoder.decode(new float[7], 2)),
        refused(images, () -> classifier.mostLikelyClass(new float[31], 2)));
  }

  private static Arguments refused(String message, Executable call) {
    return arguments(message, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongSizes")
  void areRefused(String message, Executable call) {
    assertThatThrownBy(call::execute)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
