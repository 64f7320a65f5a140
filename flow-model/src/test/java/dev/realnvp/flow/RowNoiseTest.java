package dev.realnvp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RowNoiseTest {

  private static final int ROWS = 20_000;

  @Test
  void aRowFollowsFromItsClassAndIndexAlone() {
    float[] together = RowNoise.draw(7, new int[] {2, 0, 2}, new long[] {3, 900, 4}, 5);
    float[] alone = RowNoise.draw(7, new int[] {0}, new long[] {900}, 5);
    assertThat(alone).isEqualTo(Arrays.copyOfRange(together, 5, 10));
    assertThat(RowNoise.draw(7, null, new long[] {900}, 5)).isEqualTo(alone);
  }

  @Test
  void isOfTheGeneratorsThatAreDocumented() {
    long key = first(first(first(-7) ^ 3) ^ 1L << 40);
    SplittableRandom random = new SplittableRandom(key);
    assertThat(RowNoise.draw(-7, new int[] {3}, new long[] {1L << 40}, 2))
        .containsExactly((float) random.nextGaussian(), (float) random.nextGaussian());
  }

  private static long first(long seed) {
    return new SplittableRandom(seed).nextLong();
  }

  @Test
  void anotherSeedClassOrIndexIsAnotherDraw() {
    List<float[]> draws = new ArrayList<>();
    for (long seed = 0; seed < 3; seed++) {
      for (int label = 0; label < 3; label++) {
        for (long index = 0; index < 3; index++) {
          draws.add(RowNoise.draw(seed, new int[] {label}, new long[] {index}, 1));
        }
      }
    }
    assertThat(draws.stream().map(draw -> draw[0])).doesNotHaveDuplicates();
  }

  @Test
  void isStandardNormalAndUncorrelatedAlongIndicesAndFeatures() {
    check(new int[ROWS], LongStream.range(0, ROWS).toArray());
  }

  @Test
  void isUncorrelatedAlongClassesToo() {
    check(IntStream.range(0, ROWS).toArray(), new long[ROWS]);
  }

  private static void check(int[] classes, long[] indices) {
    int rows = ROWS;
    float[] noise = RowNoise.draw(42, classes, indices, 2);
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
