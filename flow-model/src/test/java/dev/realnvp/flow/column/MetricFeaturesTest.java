package dev.realnvp.flow.column;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricFeaturesTest {

  private static final Curve LINE = Curve.linear(10, 2);

  private static final MetricFeatures ALL =
      new MetricFeatures(
          List.of(
              kind(List.of(0f, 1f, 2f), true, Curve.NONE, -1),
              kind(List.of(0f), true, LINE, -1),
              kind(List.of(4f, 6f), true, Curve.NONE, -1),
              kind(List.of(), false, Curve.NONE, 1)),
          List.of(false, true, true, true));

  private static FeatureKind kind(List<Float> levels, boolean missing, Curve curve, int copied) {
    return new FeatureKind(levels, missing, 1, curve, false, 0, copied);
  }

  @Test
  void categoriesAreOneHotAndMissingValuesAreMeansWithAnIndicator() {
    assertThat(ALL.size()).isEqualTo(5 + 3 + 2 + 1);
    assertThat(ALL.of(new float[] {1, 14, 6, 14, 7}))
        .containsExactly(0, 1, 0, 0, 0, 2, 0, 0, 1, 0, 0, 7);
    assertThat(ALL.of(new float[] {9, 0, 7, 1})).containsExactly(0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 1);
    float missing = Float.NaN;
    assertThat(ALL.of(new float[] {missing, missing, missing, missing}))
        .containsExactly(0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0);
  }

  @Test
  void whatWasNeverMissingIsTheMean() {
    MetricFeatures known =
        new MetricFeatures(List.of(FeatureKind.continuous(LINE, 0)), List.of(true));
    assertThat(known.of(new float[] {Float.NaN})).containsExactly(0);
    assertThat(known.continuous()).isTrue();
    assertThat(known.logSlope(new float[] {3})).isEqualTo(-Math.log(2));
    assertThat(ALL.continuous()).isFalse();
  }

  @Test
  void manyLevelsShareNumbers() {
    List<Float> levels = IntStream.range(0, 100).mapToObj(i -> (float) i).toList();
    MetricFeatures many =
        new MetricFeatures(List.of(kind(levels, false, Curve.NONE, -1)), List.of(false));
    assertThat(many.size()).isEqualTo(32);
    assertThat(many.of(new float[] {33})[1]).isEqualTo(1);
  }
}
