package dev.realnvp.spark.training;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
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
 * that bias correction and schedules go by. Plain arrays, and no record, so that any of Spark's
 * serializers takes it as it is.
 */
final class NetworkState implements Serializable {

  /** Values whose mean is taken at once: the sums stay in a core's first cache. */
  private static final int BLOCK = 1024;

  /** Floats that become bytes at once, through a buffer that is small beside the array. */
  private static final int PIECE = 16 * 1024;

  private final float[] parameters;
  private final float[] updater;
  private final int iteration;
  private final int epoch;

  /** Whether the updater state has values of 16 bits only, and travels so. */
  private final boolean shortUpdater;

  NetworkState(float[] parameters, float[] updater, int iteration, int epoch) {
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
  static NetworkState of(MultiLayerNetwork network) {
    return new NetworkState(
        read(network.params()),
        read(network.getUpdater().getStateViewArray()),
        network.getIterationCount(),
        network.getEpochCount());
  }

  /** As {@link #of}, without the updater state: enough for inference. */
  static NetworkState parametersOf(MultiLayerNetwork network) {
    return new NetworkState(
        read(network.params()), new float[0], network.getIterationCount(), network.getEpochCount());
  }

  /** Puts everything back into a network of the same configuration. */
  void restore(MultiLayerNetwork network) {
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

  float[] parameters() {
    return parameters;
  }

  float[] updater() {
    return updater;
  }

  int iteration() {
    return iteration;
  }

  int epoch() {
    return epoch;
  }

  NetworkState withCounts(int newIteration, int newEpoch) {
    return new NetworkState(parameters, updater, newIteration, newEpoch, shortUpdater);
  }

  boolean isFinite() {
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
  static NetworkState mean(List<NetworkState> states, long[] weights) {
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
  NetworkState slice(int i, int parts) {
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
  static NetworkState joined(List<NetworkState> slices) {
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

  private Object writeReplace() {
    return new Bytes(this);
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
  static float shortened(double value) {
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

  /** Writes the values, and not how many there are. */
  static void writeFloats(float[] values, DataOutput out) throws IOException {
    ByteBuffer piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int size = Math.min(PIECE, values.length - from);
      piece.asFloatBuffer().put(values, from, size);
      out.write(piece.array(), 0, size * Float.BYTES);
    }
  }

  /** Reads so many values. */
  static float[] readFloats(DataInput in, int length) throws IOException {
    float[] values = new float[length];
    ByteBuffer piece = piece();
    for (int from = 0; from < length; from += PIECE) {
      int size = Math.min(PIECE, length - from);
      in.readFully(piece.array(), 0, size * Float.BYTES);
      piece.asFloatBuffer().get(values, from, size);
    }
    return values;
  }

  /** As {@link #writeFloats}, of values whose lower 16 bits are 0. */
  private static void writeShortened(float[] values, DataOutput out) throws IOException {
    ByteBuffer piece = piece();
    for (int from = 0; from < values.length; from += PIECE) {
      int size = Math.min(PIECE, values.length - from);
      piece.clear();
      for (int i = from; i < from + size; i++) {
        piece.putShort((short) (Float.floatToRawIntBits(values[i]) >>> 16));
      }
      out.write(piece.array(), 0, size * Short.BYTES);
    }
  }

  private static float[] readShortened(DataInput in, int length) throws IOException {
    float[] values = new float[length];
    ByteBuffer piece = piece();
    for (int from = 0; from < length; from += PIECE) {
      int size = Math.min(PIECE, length - from);
      in.readFully(piece.array(), 0, size * Short.BYTES);
      piece.clear();
      for (int i = from; i < from + size; i++) {
        values[i] = Float.intBitsToFloat(piece.getShort() << 16);
      }
    }
    return values;
  }

  private static ByteBuffer piece() {
    return ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * What Java's serialization writes in the place of a {@link NetworkState}: it takes an array of
   * floats value by value, but bytes in blocks. They go in pieces, so that none of the copies on
   * the way is one of the whole state.
   */
  public static final class Bytes implements Externalizable {

    private static final long serialVersionUID = 3;

    private NetworkState state;

    /** For Java's serialization. */
    public Bytes() {}

    Bytes(NetworkState state) {
      this.state = state;
    }

    @Override
    public void writeExternal(ObjectOutput out) throws IOException {
      out.writeInt(state.iteration());
      out.writeInt(state.epoch());
      out.writeInt(state.parameters().length);
      out.writeInt(state.updater().length);
      out.writeBoolean(state.shortUpdater);
      writeFloats(state.parameters(), out);
      if (state.shortUpdater) {
        writeShortened(state.updater(), out);
      } else {
        writeFloats(state.updater(), out);
      }
    }

    @Override
    public void readExternal(ObjectInput in) throws IOException {
      int iteration = in.readInt();
      int epoch = in.readInt();
      int parameters = in.readInt();
      int updater = in.readInt();
      boolean shortUpdater = in.readBoolean();
      state =
          new NetworkState(
              readFloats(in, parameters),
              shortUpdater ? readShortened(in, updater) : readFloats(in, updater),
              iteration,
              epoch,
              shortUpdater);
    }

    private Object readResolve() {
      return state;
    }
  }
}
