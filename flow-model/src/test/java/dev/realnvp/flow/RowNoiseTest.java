package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RowNoiseTest {

  @Test
  void aRowFollowsFromItsIdAlone() {
    float[] together = RowNoise.draw(7, new long[] {3, 900, 4}, 5);
    float[] alone = RowNoise.draw(7, new long[] {900}, 5);
    assertThat(alone).isEqualTo(Arrays.copyOfRange(together, 5, 10));
  }

  @Test
  void anotherSeedIsAnotherDraw() {
    long[] ids = {0, 1, 2};
    assertThat(RowNoise.draw(1, ids, 4)).isNotEqualTo(RowNoise.draw(2, ids, 4));
  }

  @Test
  void isStandardNormalAndUncorrelatedAlongIdsAndFeatures() {
    int rows = 20_000;
    float[] noise = RowNoise.draw(42, LongStream.range(0, rows).toArray(), 2);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    double neighbours = 0;
    double features = 0;
    for (int i = 1; i < rows; i++) {
      double u = noise[2 * i];
      sum += u;
      squares += u * u;
      fourth += u * u * u * u;
      neighbours += u * noise[2 * (i - 1)];
      features += u * noise[2 * i + 1];
    }
    // Five standard errors of each moment of N(0, 1).
    double error = 5 / Math.sqrt(rows);
    assertThat(sum / rows).isCloseTo(0, within(error));
    assertThat(squares / rows).isCloseTo(1, within(error * Math.sqrt(2)));
    assertThat(fourth / rows).isCloseTo(3, within(error * Math.sqrt(96)));
    assertThat(neighbours / rows).isCloseTo(0, within(error));
    assertThat(features / rows).isCloseTo(0, within(error));
  }
}
