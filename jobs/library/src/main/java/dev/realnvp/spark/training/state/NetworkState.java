package dev.realnvp.spark.training.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All that a step changes in a network: parameters, updater state (Adam's moments), and the counts
 * that bias correction and schedules go by. Never changed once made.
 *
 * <p>Java's serialization would write an array of floats value by value, but bytes in blocks. They
 * go in pieces, so that none of the copies on the way is one of the whole state.
 */
public final class NetworkState implements Serializable {

  /** Values whose mean is taken at once: the sums stay in a core's first cache. */
  private static final int BLOCK = 1024;

  /** Floats that become bytes at once, through a buffer that is small beside the array. */
  private static final int PIECE = 16 * 1024;

  private static final long serialVersionUID = 4;

  private final int iteration;
  private final int epoch;

  /** Whether the updater state has values of 16 bits only, and travels so. */
  private final boolean shortUpdater;

  private transient float[] parameters;
  private transient float[] updater;

  public NetworkState(float[] parameters, float[] updater, int iteration, int epoch) {
    this(parameters, updater, iteration, epoch, false);
  }

  private NetworkState(
      float[] parameters, float[] updater, int iteration, int epoch, boolean shortUpdater) {
    this.parameters = parameters;
    this.updater = updater;
    this.iteration = iteration;
    this.epoch = epoch;
    this.shortUpdater = shortUpdater;
  }

  /** A copy of what the network holds. */
  public static NetworkState of(MultiLayerNetwork network) {
    return new NetworkState(
        read(network.params()),
        read(network.getUpdater().getStateViewArray()),
        network.getIterationCount(),
        network.getEpochCount());
  }

  /** As {@link #of}, without the updater state: enough for inference. */
  public static NetworkState parametersOf(MultiLayerNetwork network) {
    return new NetworkState(
        read(network.params()), new float[0], network.getIterationCount(), network.getEpochCount());
  }

  /** Puts everything back into a network of the same configuration. */
  public void restore(MultiLayerNetwork network) {
    write(parameters, network.params());
    if (updater.length > 0) {
      write(updater, network.getUpdater().getStateViewArray());
    }
    network.setIterationCount(iteration);
    network.setEpochCount(epoch);
    for (Layer layer : network.getLayers()) {
      layer.setIterationCount(iteration);
      layer.setEpochCount(epoch);
    }
  }

  public float[] parameters() {
    return parameters;
  }

  public float[] updater() {
    return updater;
  }

  public int iteration() {
    return iteration;
  }

  public int epoch() {
    return epoch;
  }

  public NetworkState withCounts(int newIteration, int newEpoch) {
    return new NetworkState(parameters, updater, newIteration, newEpoch, shortUpdater);
  }

  public boolean isFinite() {
    return isFinite(parameters) && isFinite(updater);
  }

  /**
   * {@code sum_i n_i s_i / sum_i n_i} of parameters and updater state, in double and in the given
   * order, so that the same states give the same bits. The mean of one state is that state. Of
   * several, the updater state is rounded to 16 bits by {@link #shortened}, so that a third less
   * travels.
   *
   * @param weights n_i, examples, each below 2^29 so that the products are exact
   */
  public static NetworkState mean(List<NetworkState> states, long[] weights) {
    NetworkState first = states.get(0);
    if (states.size() == 1) {
      return first;
    }
    return new NetworkState(
        meanOf(states.stream().map(state -> state.parameters).toList(), weights, false),
        meanOf(states.stream().map(state -> state.updater).toList(), weights, true),
        first.iteration,
        first.epoch,
        true);
  }

  /** The i-th of so many parts, of about the same size. */
  public NetworkState slice(int i, int parts) {
    return new NetworkState(
        slice(parameters, i, parts), slice(updater, i, parts), iteration, epoch, shortUpdater);
  }

  private static float[] slice(float[] values, int i, int parts) {
    return Arrays.copyOfRange(
        values,
        (int) ((long) values.length * i / parts),
        (int) ((long) values.length * (i + 1) / parts));
  }

  /** The state whose {@link #slice}s these are, all of them in order. */
  public static NetworkState joined(List<NetworkState> slices) {
    NetworkState first = slices.get(0);
    return new NetworkState(
        joinedArrays(slices.stream().map(slice -> slice.parameters).toList()),
        joinedArrays(slices.stream().map(slice -> slice.updater).toList()),
        first.iteration,
        first.epoch,
        first.shortUpdater);
  }

  private static float[] joinedArrays(List<float[]> parts) {
    float[] joined = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    out.writeInt(parameters.length);
    out.writeInt(updater.length);
    writeFloats(parameters, false, out);
    writeFloats(updater, shortUpdater, out);
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    int parameterCount = in.readInt();
    int updaterCount = in.readInt();
    parameters = readFloats(in, parameterCount, false);
    updater = readFloats(in, updaterCount, shortUpdater);
  }

  private static float[] meanOf(List<float[]> arrays, long[] weights, boolean shortened) {
    float[] mean = new float[arrays.get(0).length];
    IntStream.range(0, (mean.length + BLOCK - 1) / BLOCK)
        .parallel()
        .forEach(block -> meanOfBlock(arrays, weights, shortened, mean, block * BLOCK));
    return mean;
  }

  /** Division and rounding are loops of their own, so that the division is done by vectors. */
  private static void meanOfBlock(
      List<float[]> arrays, long[] weights, boolean shortened, float[] mean, int from) {
    double[] sum = new double[Math.min(BLOCK, mean.length - from)];
    Arrays.fill(sum, -0.0); // the neutral element: +0.0 would turn a -0.0 into +0.0
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      addProducts(weights[i], arrays.get(i), from, sum);
      total += weights[i];
    }
    for (int j = 0; j < sum.length; j++) {
      sum[j] /= total;
    }
    for (int j = 0; j < sum.length; j++) {
      mean[from + j] = shortened ? shortened(sum[j]) : (float) sum[j];
    }
  }

  /**
   * A neighbour among the floats whose lower 16 bits are 0 (bfloat16), the nearer the likelier, so
   * that it is the value in the mean: Adam's second moments change by a thousandth per step, which
   * rounding to the nearest would lose (Gupta et al. 2015, Deep Learning with Limited Numerical
   * Precision, section 3). What decides is a hash of the value, so the same value gives the same
   * bits.
   */
  public static float shortened(double value) {
    long hash = Double.doubleToRawLongBits(value) * 0x9E3779B97F4A7C15L;
    int dice = (int) ((hash ^ hash >>> 32) >>> 16 & 0xFFFF);
    return Float.intBitsToFloat(Float.floatToRawIntBits((float) value) + dice & 0xFFFF0000);
  }

  private static void addProducts(double weight, float[] values, int from, double[] sum) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += weight * values[from + j];
    }
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static float[] read(INDArray array) {
    if (array == null) {
      return new float[0];
    }
    requireFloat(array);
    float[] values = new float[Math.toIntExact(array.length())];
    array.data().asNioFloat().get(values);
    return values;
  }

  private static void write(float[] values, INDArray array) {
    requireFloat(array);
    array.data().asNioFloat().put(values);
  }

  private static void requireFloat(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          "Cannot train a network of %s on Spark, expected FLOAT".formatted(array.dataType()));
    }
  }

  /**
   * Writes the values, and not how many there are.
   *
   * @param shortened whether the lower 16 bits of each are 0, and not written
   */
  public static void writeFloats(float[] values, boolean shortened, DataOutput out)
      throws IOException {
    ByteBuffer piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      piece.clear();
      for (int i = from; i < Math.min(from + PIECE, values.length); i++) {
        int bits = Float.floatToRawIntBits(values[i]);
        if (shortened) {
          piece.putShort((short) (bits >>> Short.SIZE));
        } else {
          piece.putInt(bits);
        }
      }
      out.write(piece.array(), 0, piece.position());
    }
  }

  public static float[] readFloats(DataInput in, int length, boolean shortened) throws IOException {
    float[] values = new float[length];
    ByteBuffer piece = piece();
    for (int from = 0; from < length; from += PIECE) {
      int to = Math.min(from + PIECE, length);
      in.readFully(piece.array(), 0, (to - from) * (shortened ? Short.BYTES : Float.BYTES));
      piece.clear();
      for (int i = from; i < to; i++) {
        values[i] =
            Float.intBitsToFloat(shortened ? piece.getShort() << Short.SIZE : piece.getInt());
      }
    }
    return values;
  }

  private static ByteBuffer piece() {
    return ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
