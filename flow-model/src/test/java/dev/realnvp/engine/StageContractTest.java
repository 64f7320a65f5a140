package dev.realnvp.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every stage keeps to, on the floats that it computes with. */
class StageContractTest {

  private static final String ALL = "dev.realnvp.engine.StageCases#all";
  private static final String OF_A_FLOW = "dev.realnvp.engine.StageCases#ofAFlow";

  /** Relative for derivatives above 1. */
  private static final double TOLERANCE = 1e-4;

  /** How many derivatives may be left unjudged, since a kink is too near. */
  private static final double UNJUDGED = 0.2;

  @Test
  void everyStageIsUnderContract() {
    Set<String> tested =
        StageCases.all()
            .map(c -> c.layer().stage().getClass().getName())
            .collect(Collectors.toSet());
    Set<String> written =
        new ClassFileImporter()
                .withImportOption(place -> !place.contains("/test-classes/"))
                .importPackages("dev.realnvp")
                .stream()
                .filter(c -> c.isAssignableTo(Stage.class))
                .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    assertThat(tested).isEqualTo(written);
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void gradientsAreTheNumericOnes(StageCase given) {
    checkGradients(given, false);
  }

  @ParameterizedTest
  @MethodSource(OF_A_FLOW)
  void gradientsOfWeightedRowsAreTheNumericOnes(StageCase given) {
    checkGradients(given, true);
  }

  private static void checkGradients(StageCase given, boolean weighted) {
    float[] parameters = given.parameters();
    Bound bound = given.bound();
    Batch batch = backward(given, bound, weighted, true);

    float[] actual = Arrays.copyOf(batch.values().array(), given.rows() * given.inputs());
    assertNumeric(given.x(), actual, x -> objective(given, parameters, x, weighted), actual.length);
    float[] gradients = bound.gradients();
    assertNumeric(
        parameters,
        gradients,
        p -> objective(given, p, given.x(), weighted),
        bound.stage().trainedCount());
  }

  /** Those of the context, by which what a coupling is given may be trained. */
  @ParameterizedTest
  @MethodSource("dev.realnvp.engine.StageCases#transforms")
  void gradientsOfTheConditionAreTheNumericOnes(StageCase given) {
    Batch batch = backward(given, given.bound(), true, true);
    if (batch.conditionGradient() == null) {
      assertThat(given.name()).isEqualTo("embedding of the context");
      return;
    }
    float[] at = given.contextValues();
    assertNumeric(
        at,
        batch.conditionGradient().array(),
        context -> objective(given, given.parameters(), given.batch(given.x(), context, true)),
        at.length);
  }

  /** The first ones are trained, in the layer's order too, or all that are in another. */
  private static void assertNumeric(
      float[] at, float[] actual, ToDoubleFunction<float[]> f, int count) {
    int unjudged = 0;
    for (int i = 0; i < count; i++) {
      double numeric =
          Derivatives.of(x -> new double[] {f.applyAsDouble(x)}, at, i, TOLERANCE / 2)[0];
      if (Double.isNaN(numeric)) {
        unjudged++;
      } else {
        assertThat((double) actual[i])
            .as("the derivative by %d of %d", i, count)
            .isCloseTo(numeric, within(TOLERANCE * Math.max(1, Math.abs(numeric))));
      }
    }
    assertThat(unjudged).isLessThanOrEqualTo((int) (UNJUDGED * count));
  }

  /**
   * What a stage's way back is of: of a loss the sum over the rows, each times its weight; else a
   * sum of all outputs, and of what couplings are given, each times some slope, less the
   * log-determinants likewise weighted.
   */
  private static double objective(
      StageCase given, float[] parameters, float[] x, boolean weighted) {
    return objective(given, parameters, given.batch(x, weighted));
  }

  private static double objective(StageCase given, float[] parameters, Batch batch) {
    given.bound(parameters).stage().forward(batch, true);
    double sum = 0;
    for (int i = 0; i < given.rows(); i++) {
      sum += batch.weight(i) * (given.isLoss() ? batch.losses()[i] : -batch.logDet()[i]);
    }
    for (int i = 0; i < given.rows() * given.outputs(); i++) {
      sum += slope(i) * batch.values().array()[i];
    }
    for (int i = 0; i < given.rows() * given.contextAfter(); i++) {
      sum += slope(i) * batch.condition().array()[i];
    }
    return sum;
  }

  private static float slope(int i) {
    return (float) Math.sin(i + 1);
  }

  /** Forth and back: the batch then has the gradients of the inputs. */
  private static Batch backward(
      StageCase given, Bound bound, boolean weighted, boolean needsInputGradient) {
    Batch batch = given.batch(given.x(), weighted);
    bound.stage().forward(batch, true);
    if (!given.isLoss()) {
      float[] slopes = new float[given.rows() * given.outputs()];
      for (int i = 0; i < slopes.length; i++) {
        slopes[i] = slope(i);
      }
      batch.values(Floats.of(slopes));
      float[] ofCondition = new float[given.rows() * given.contextAfter()];
      for (int i = 0; i < ofCondition.length; i++) {
        ofCondition[i] = slope(i);
      }
      batch.condition(batch.condition(), Floats.of(ofCondition));
    }
    bound.stage().backward(batch, needsInputGradient);
    return batch;
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void gradientsDoNotDependOnWhetherThoseOfTheInputsAreWanted(StageCase given) {
    Bound with = given.bound();
    Bound without = given.bound();
    backward(given, with, false, true);
    backward(given, without, false, false);
    assertThat(without.gradients()).isEqualTo(with.gradients());
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void rowsDoNotDependOnEachOther(StageCase given) {
    Batch all = given.batch(given.x(), false);
    given.bound().stage().forward(all, false);
    for (int i = 0; i < given.rows(); i++) {
      Batch one = given.row(i, given.x());
      given.bound().stage().forward(one, false);
      assertThat(Arrays.copyOf(one.values().array(), given.outputs()))
          .containsExactly(given.output(all, i), within(1e-6f));
      assertThat(one.logDet()[0]).isCloseTo(all.logDet()[i], within(1e-6));
      assertThat(one.losses()[0]).isCloseTo(all.losses()[i], within(1e-6));
    }
  }

  /** Rows of a batch before this one, more of them, and in the other mode. */
  @ParameterizedTest
  @MethodSource(ALL)
  void nothingIsLeftOfTheBatchBefore(StageCase given) {
    StageCase before = given.withRows(given.rows() + 3);
    Bound used = given.bound();
    backward(before, used, false, true);
    used.stage().forward(before.batch(before.x(), false), false);
    used.load(given.parameters());
    Bound fresh = given.bound();

    Batch actual = backward(given, used, false, true);
    Batch expected = backward(given, fresh, false, true);

    int size = given.rows() * given.inputs();
    assertThat(Arrays.copyOf(actual.values().array(), size))
        .isEqualTo(Arrays.copyOf(expected.values().array(), size));
    assertThat(used.gradients()).isEqualTo(fresh.gradients());
    assertThat(used.values()).isEqualTo(fresh.values());
    assertThat(actual.losses()).isEqualTo(expected.losses());
    assertThat(actual.logDet()).isEqualTo(expected.logDet());
  }

  /** Inputs may be a loss's targets, or another stage's result that its way back needs. */
  @ParameterizedTest
  @MethodSource(ALL)
  void theWayForthLeavesWhatItIsGiven(StageCase given) {
    for (boolean training : new boolean[] {false, true}) {
      float[] x = given.x();
      Batch batch = given.batch(x, false);
      float[] targets = batch.inputs().array().clone();
      float[] context = batch.context().array().clone();
      given.bound().stage().forward(batch, training);
      assertThat(x).isEqualTo(given.x());
      assertThat(batch.inputs().array()).isEqualTo(targets);
      assertThat(batch.context().array()).isEqualTo(context);
    }
  }

  @ParameterizedTest
  @MethodSource(ALL)
  void onlyTrainingMovesWhatIsNotTrained(StageCase given) {
    Bound bound = given.bound();
    float[] before = bound.values().clone();
    bound.stage().forward(given.batch(given.x(), false), false);
    assertThat(bound.values()).isEqualTo(before);
    int trained = bound.stage().trainedCount();

    backward(given, bound, false, true);

    assertThat(Arrays.copyOf(bound.values(), trained)).isEqualTo(Arrays.copyOf(before, trained));
  }
}
