package dev.realnvp.engine;

import dev.realnvp.engine.arrays.Floats;
import dev.realnvp.flow.layer.FlowLayer;
import dev.realnvp.flow.layer.Transform;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A stage under contract: how to make it, and the sizes of what it takes and leaves.
 *
 * @param name for the reports
 * @param layer whose stage it is
 * @param order how rows lie
 * @param rows N
 * @param in the shape of a row that goes in, {@code [width]} or that of an image, {@code [C, H, W]}
 * @param out the shape of a row that comes out; empty for a loss
 * @param context values a row beside them
 * @param positive how many of the layer's parameters, the last ones, are positive
 */
record StageCase(
    String name,
    StagedLayer layer,
    Affine.Order order,
    int rows,
    int[] in,
    int[] out,
    int context,
    int positive) {

  /**
   * Steps of numeric derivatives are multiples of it, and so are parameters and inputs: their sums
   * and differences are exact.
   */
  static final float GRAIN = 1f / 1024;

  /** A flow's stage. */
  static StageCase flow(String name, Transform transform) {
    int[] features = {transform.features()};
    long positive =
        transform.layout().params().stream()
            .filter(param -> Set.of("scale", "var").contains(param.name()))
            .count();
    return new StageCase(
        name,
        new FlowLayer(transform),
        Affine.Order.COLUMNS,
        6,
        features,
        features,
        transform.context(),
        (int) positive * transform.features());
  }

  /** A stage of a network of images. */
  static StageCase map(String name, StagedLayer layer, int[] in, int... out) {
    return new StageCase(name, layer, Affine.Order.ROWS, 5, in, out, 0, 0);
  }

  /** A loss, of so many targets a row beside the values. */
  StageCase asLoss(int targets) {
    return new StageCase(name, layer, order, rows, in, new int[0], targets, positive);
  }

  StageCase withRows(int count) {
    return new StageCase(
        name + ", " + count + " rows", layer, order, count, in, out, context, positive);
  }

  boolean isLoss() {
    return out.length == 0;
  }

  /** How many values a row has that goes in. */
  int inputs() {
    return product(in);
  }

  /** How many values a row has that comes out; 0 for a loss. */
  int outputs() {
    return isLoss() ? 0 : product(out);
  }

  /** How many context values a row has afterwards. */
  int contextAfter() {
    return layer instanceof FlowLayer flow ? flow.transform().contextAfter() : context;
  }

  private static int product(int[] shape) {
    return IntStream.of(shape).reduce(1, Math::multiplyExact);
  }

  /** The stage over {@link #parameters}. */
  Bound bound() {
    return bound(parameters());
  }

  Bound bound(float[] parameters) {
    return new Bound(layer.stage(), parameters).width(inputs());
  }

  /** Away from anything that parameters begin with. */
  float[] parameters() {
    float[] values = random(3, layer.stage().layerIndices().length);
    for (int i = values.length - positive; i < values.length; i++) {
      values[i] = 0.5f + Math.abs(values[i]);
    }
    return values;
  }

  /** Row by row or column by column. */
  float[] x() {
    return random(4, rows * inputs());
  }

  /** A batch of all rows with the given values; its rows have weights if they are asked for. */
  Batch batch(float[] x, boolean weighted) {
    return batch(x, contextValues(), weighted);
  }

  /** Likewise, with a context of its own. */
  Batch batch(float[] x, float[] given, boolean weighted) {
    Batch batch = new Batch().rows(rows);
    float[] targets = random(5, rows * inputs());
    float[] inputs = batch.inputs().ensureCapacity(targets.length);
    for (int i = 0; i < targets.length; i++) {
      inputs[i] = Math.min(1, Math.abs(targets[i]));
    }
    System.arraycopy(given, 0, batch.context().ensureCapacity(given.length), 0, given.length);
    batch.values(Floats.of(x));
    if (weighted) {
      float[] weights = batch.weigh();
      for (int i = 0; i < rows; i++) {
        weights[i] = 0.5f + i;
      }
    }
    return batch;
  }

  /** Column by column; each row's numbers have the sum 1, as a classifier's targets have. */
  float[] contextValues() {
    float[] values = random(6, rows * context);
    float[] columns = new float[rows * context];
    for (int i = 0; i < rows; i++) {
      float rest = 1;
      for (int j = 0; j < context - 1; j++) {
        columns[j * rows + i] = values[j * rows + i];
        rest -= values[j * rows + i];
      }
      if (context > 0) {
        columns[(context - 1) * rows + i] = rest;
      }
    }
    return columns;
  }

  /** One row of a batch of this case, as a batch of its own. */
  Batch row(int i, float[] x) {
    Batch all = batch(x, false);
    Batch one = new Batch().rows(1);
    System.arraycopy(
        pick(all.inputs().array(), i, inputs(), order),
        0,
        one.inputs().ensureCapacity(inputs()),
        0,
        inputs());
    System.arraycopy(
        pick(all.context().array(), i, context, Affine.Order.COLUMNS),
        0,
        one.context().ensureCapacity(context),
        0,
        context);
    one.values(Floats.of(pick(x, i, inputs(), order)));
    return one;
  }

  /** The values of a row. */
  float[] output(Batch batch, int i) {
    return pick(batch.values().array(), i, outputs(), order);
  }

  private float[] pick(float[] values, int row, int width, Affine.Order lie) {
    float[] picked = new float[width];
    for (int j = 0; j < width; j++) {
      picked[j] = values[lie == Affine.Order.ROWS ? row * width + j : j * rows + row];
    }
    return picked;
  }

  /** Normally distributed numbers of a deviation of a half, in grains. */
  private static float[] random(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = Math.round(random.nextGaussian() / 2 / GRAIN) * GRAIN;
    }
    return values;
  }

  @Override
  public String toString() {
    return name;
  }
}
