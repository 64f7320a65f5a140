package dev.realnvp.engine;

import java.util.Arrays;

/**
 * The places of one vector's elements in another vector: element i here is element {@code there[i]}
 * there. Runs that are contiguous in both are copied at once.
 */
final class Placement {

  private final int[] there;

  /** The first element of each run, followed by the vector's length. */
  private final int[] starts;

  Placement(int[] there) {
    this.there = there;
    int[] found = new int[there.length + 1];
    int runs = 0;
    for (int i = 0; i < there.length; i++) {
      if (i == 0 || there[i] != there[i - 1] + 1) {
        found[runs++] = i;
      }
    }
    found[runs++] = there.length;
    starts = Arrays.copyOf(found, runs);
  }

  int there(int here) {
    return there[here];
  }

  /** Copies the elements from the other vector. */
  void gather(float[] other, float[] here) {
    for (int run = 0; run < starts.length - 1; run++) {
      int start = starts[run];
      System.arraycopy(other, there[start], here, start, starts[run + 1] - start);
    }
  }

  /** Copies the elements to the other vector. */
  void scatter(float[] here, float[] other) {
    for (int run = 0; run < starts.length - 1; run++) {
      int start = starts[run];
      System.arraycopy(here, start, other, there[start], starts[run + 1] - start);
    }
  }
}
