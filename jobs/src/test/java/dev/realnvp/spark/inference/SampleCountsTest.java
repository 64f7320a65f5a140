package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampleCountsTest {

  @Test
  void idsAreConsecutiveClassByClass() {
    SampleCounts counts = SampleCounts.of(0, 2, 0, 0, 3, 1, 0);
    List<String> rows = new ArrayList<>();
    for (long id = 0; id < counts.total(); id++) {
      rows.add(counts.label(id) + ":" + counts.index(id));
    }
    assertThat(rows).containsExactly("1:0", "1:1", "4:0", "4:1", "4:2", "5:0");
    assertThat(counts.start(4)).isEqualTo(2);
    assertThat(counts.count(4)).isEqualTo(3);
    assertThat(counts.count(3)).isZero();
  }

  @Test
  void sameIsSoManyOfEach() {
    SampleCounts counts = SampleCounts.same(5_000_000_000L, 3);
    assertThat(counts.total()).isEqualTo(15_000_000_000L);
    assertThat(counts.label(10_000_000_001L)).isEqualTo(2);
    assertThat(counts.index(10_000_000_001L)).isEqualTo(1);
  }

  @Test
  void theFirstOnesAreAsManyOfEachClassAsThereAre() {
    SampleCounts counts = SampleCounts.of(0, 2, 4, 1);
    assertThat(counts.first(5)).containsExactly(0, 2, 6, 1, 3);
    assertThat(counts.first(100)).containsExactly(0, 2, 6, 1, 3, 4, 5);
    assertThat(counts.first(0)).isEmpty();
  }

  @Test
  void refusesNegativeNumbersAndNone() {
    assertThatThrownBy(() -> SampleCounts.of(1, -1))
        .hasMessage("counts: got [1, -1], expected one or more of at least 0");
    assertThatThrownBy(SampleCounts::of)
        .hasMessage("counts: got [], expected one or more of at least 0");
  }
}
