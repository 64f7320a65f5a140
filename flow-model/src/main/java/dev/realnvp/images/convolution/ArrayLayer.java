package dev.realnvp.images.convolution;

import dev.realnvp.engine.Batch;
import dev.realnvp.engine.StageLayer;
import dev.realnvp.engine.StagedLayer;
import dev.realnvp.engine.arrays.FlatArrays;
import dev.realnvp.engine.arrays.Floats;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer of rows, {@code [N, width]}, or of images, {@code [N, C, H, W]}; its stage stores images
 * as {@code [N, H, W, C]}.
 *
 * @param <C> the layer's configuration
 */
final class ArrayLayer<C extends org.deeplearning4j.nn.conf.layers.BaseLayer & StagedLayer>
    extends StageLayer<C> {

  private static final int[] CHANNELS_LAST = {0, 2, 3, 1};
  private static final int[] CHANNELS_FIRST = {0, 3, 1, 2};

  private final long[] in;
  private final long[] out;
  private final transient Floats epsilon = new Floats();

  /**
   * @param in an example's shape, {@code [width]} or {@code [C, H, W]}
   * @param out the shape of its result
   */
  ArrayLayer(NeuralNetConfiguration conf, DataType dataType, long[] in, long[] out) {
    super(conf, dataType);
    this.in = in.clone();
    this.out = out.clone();
  }

  @Override
  protected void read(INDArray input, Batch to) {
    long[] got = input.shape();
    if (got.length != 1 + in.length || !Arrays.equals(got, 1, got.length, in, 0, in.length)) {
      throw new IllegalArgumentException(
          "input: got shape %s, expected [N, %s] %s"
              .formatted(
                  Arrays.toString(got), Arrays.toString(in).replaceAll("[\\[\\]]", ""), layerId()));
    }
    copy(input, to.inputs());
  }

  @Override
  protected INDArray write(Batch from) {
    return array(from, out);
  }

  @Override
  protected void readGradient(INDArray gradient, Batch to) {
    copy(gradient, epsilon);
    to.values(epsilon);
  }

  @Override
  protected INDArray writeGradient(Batch from) {
    return array(from, in);
  }

  private static void copy(INDArray from, Floats to) {
    INDArray channelsLast = from.rank() == 4 ? from.permute(CHANNELS_LAST) : from;
    float[] values = FlatArrays.read(channelsLast, 'c');
    System.arraycopy(values, 0, to.ensureCapacity(values.length), 0, values.length);
  }

  private INDArray array(Batch from, long[] example) {
    long[] last = example.length == 3 ? new long[] {example[1], example[2], example[0]} : example;
    long[] shape = LongStream.concat(LongStream.of(from.rows()), LongStream.of(last)).toArray();
    int size = Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
    float[] values = Arrays.copyOf(from.values().array(), size);
    INDArray array = FlatArrays.array(values, dataType, 'c', shape);
    return example.length == 3 ? array.permute(CHANNELS_FIRST).dup('c') : array;
  }

  @Override
  public Type type() {
    return in.length == 3 ? Type.CONVOLUTIONAL : Type.FEED_FORWARD;
  }
}
