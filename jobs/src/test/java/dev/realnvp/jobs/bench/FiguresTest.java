package dev.realnvp.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.bench.Measure.Goal;
import dev.realnvp.model.EpochStats;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {

  /** 30,000 rows in 4 s, 0.5 s of them averaging: 150 steps of two workers, in 3 rounds of 50. */
  private static final History HISTORY =
      new History(List.of(new EpochStats(1, 4, 0.5, 0, 30_000, 1, 1)));

  @Test
  void anEpochIsScaledTo60000Rows() {
    assertThat(HISTORY.seconds()).containsExactly(8.0);
  }

  @Test
  void roundsAreThoseOfOneWorker() {
    assertThat(HISTORY.millisecondsARound(2, 100, 50)).containsExactly(500.0 / 3);
    // The last round of 7 is a short one, and still a round.
    assertThat(HISTORY.millisecondsARound(2, 100, 24)).containsExactly(500.0 / 7);
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
    assertThat(Reading.median(List.of(9.0, 1.0, 4.0))).isEqualTo(4);
    assertThat(Reading.median(List.of(9.0, 1.0, 4.0, 2.0))).isEqualTo(3);
  }

  @Test
  void aRatioIsOursOverTheOthersAndAGainTheOtherWay() {
    assertThat(Goal.ratioAtMost(1).ratio(2, 8)).isEqualTo(0.25);
    assertThat(Goal.gainAtLeast(1).ratio(2, 8)).isEqualTo(4);
  }
}
