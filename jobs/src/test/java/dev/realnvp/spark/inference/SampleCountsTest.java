package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class SampleCountsTest {

  private final SparkSession spark = LocalSpark.session();

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
    assertThat(first(spark, counts, 5)).containsExactlyInAnyOrder(0L, 2L, 6L, 1L, 3L);
    assertThat(first(spark, counts, 100)).containsExactlyInAnyOrder(0L, 2L, 6L, 1L, 3L, 4L, 5L);
    assertThat(first(spark, counts, 0)).isEmpty();
  }

  private static List<Long> first(SparkSession spark, SampleCounts counts, int most) {
    return counts.first(spark.range(counts.total()).toDF(), most).collectAsList().stream()
        .map(row -> row.getLong(0))
        .toList();
  }

  @Test
  void refusesNegativeNumbersAndNone() {
    assertThatThrownBy(() -> SampleCounts.of(1, -1))
        .hasMessage("counts: got [1, -1], expected one or more of at least 0");
    assertThatThrownBy(SampleCounts::of)
        .hasMessage("counts: got [], expected one or more of at least 0");
  }
}
