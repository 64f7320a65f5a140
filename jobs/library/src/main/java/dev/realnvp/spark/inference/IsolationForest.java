package dev.realnvp.spark.inference;

import java.io.Serializable;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An isolation forest (Liu, Ting and Zhou 2008, Isolation Forest, algorithms 1 to 3): random cuts
 * separate a strange row from the others after few of them.
 *
 * <pre>
 * s(x) = 2^(-E[h(x)] / c(n)),   c(n) = 2 H(n - 1) - 2 (n - 1) / n
 * </pre>
 *
 * <p>where E[h(x)] is the mean over {@value #TREES} trees of the number of cuts above the leaf of
 * x, and c(m) more for a leaf of m rows; n is the number of rows of a tree, at most {@value
 * #ROWS_PER_TREE}, and H a harmonic number. A tree has at most ceil(log2 n) cuts above a leaf. Each
 * cuts at random between the least and the greatest value of a random feature that varies.
 *
 * <p>What is no number counts as greater than each cut.
 */
public final class IsolationForest implements Baseline {

  private static final int TREES = 100;

  private static final int ROWS_PER_TREE = 256;

  private final Node[] trees;
  private final double usualPath;

  private IsolationForest(Node[] trees, double usualPath) {
    this.trees = trees;
    this.usualPath = usualPath;
  }

  /**
   * A part of a tree.
   *
   * @param feature that is cut; -1 in a leaf
   * @param cut rows below it belong to {@code below}
   * @param path of a leaf: the cuts above it, and what its rows would take to be told apart
   */
  private record Node(int feature, float cut, Node below, Node above, double path)
      implements Serializable {}

  /**
   * Grows a forest on the driver, in time and memory of the rows that the trees draw.
   *
   * @param rows {@code [N, D]}, in an order that follows from the table's content
   * @param seed of the draws
   * @throws IllegalArgumentException if there are fewer than 2
   */
  public static IsolationForest fit(List<float[]> rows, long seed) {
    if (rows.size() < 2) {
      throw new IllegalArgumentException(
          "An isolation forest of %d rows, expected at least 2".formatted(rows.size()));
    }
    SplittableRandom random = new SplittableRandom(seed);
    float[][] all = rows.toArray(float[][]::new);
    int size = Math.min(ROWS_PER_TREE, all.length);
    int deepest = (int) Math.ceil(Math.log(size) / Math.log(2));
    Node[] trees = new Node[TREES];
    for (int t = 0; t < TREES; t++) {
      // The first steps of a random permutation draw rows without replacement.
      for (int i = 0; i < size; i++) {
        swap(all, i, random.nextInt(i, all.length));
      }
      trees[t] = grow(all, 0, size, 0, deepest, random);
    }
    return new IsolationForest(trees, usualPath(size));
  }

  /** A tree of the rows {@code [from, to)}, which it reorders. */
  private static Node grow(
      float[][] rows, int from, int to, int depth, int deepest, SplittableRandom random) {
    int[] varying =
        depth == deepest || to - from < 2
            ? new int[0]
            : IntStream.range(0, rows[from].length)
                .filter(j -> IntStream.range(from, to).anyMatch(i -> rows[i][j] != rows[from][j]))
                .toArray();
    if (varying.length == 0) {
      return new Node(-1, 0, null, null, depth + usualPath(to - from));
    }
    int feature = varying[random.nextInt(varying.length)];
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      least = Math.min(least, rows[i][feature]);
      greatest = Math.max(greatest, rows[i][feature]);
    }
    // Above the least value and not above the greatest, so that neither side is empty.
    float cut =
        Math.min(
            greatest,
            Math.max(
                Math.nextUp(least),
                (float) (least + random.nextDouble() * ((double) greatest - least))));
    int middle = from;
    for (int i = from; i < to; i++) {
      if (rows[i][feature] < cut) {
        swap(rows, i, middle++);
      }
    }
    return new Node(
        feature,
        cut,
        grow(rows, from, middle, depth + 1, deepest, random),
        grow(rows, middle, to, depth + 1, deepest, random),
        0);
  }

  private static void swap(float[][] rows, int i, int j) {
    float[] row = rows[i];
    rows[i] = rows[j];
    rows[j] = row;
  }

  /** c(m): the mean path to a row in a search tree of m rows. */
  private static double usualPath(int rows) {
    double harmonic = 0;
    for (int i = 1; i < rows; i++) {
      harmonic += 1.0 / i;
    }
    return rows < 2 ? 0 : 2 * harmonic - 2.0 * (rows - 1) / rows;
  }

  /** s(x) of one row {@code [D]}, from 0 to 1. */
  @Override
  public double strangeness(float[] row) {
    double sum = 0;
    for (Node tree : trees) {
      Node node = tree;
      while (node.feature >= 0) {
        node = row[node.feature] < node.cut ? node.below : node.above;
      }
      sum += node.path;
    }
    return Math.pow(2, -sum / trees.length / usualPath);
  }
}
