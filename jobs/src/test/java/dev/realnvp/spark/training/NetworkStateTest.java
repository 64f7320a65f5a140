package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.training.state.NetworkState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.reflect.ClassTag$;

class NetworkStateTest {

  private static final SerializerInstance JAVA = new JavaSerializer(new SparkConf()).newInstance();

  private static <T> ByteBuffer bytes(SerializerInstance serializer, T value) {
    return serializer.serialize(value, ClassTag$.MODULE$.apply(Object.class));
  }

  private static <T> T read(SerializerInstance serializer, ByteBuffer bytes) {
    return serializer.deserialize(bytes, ClassTag$.MODULE$.apply(Object.class));
  }

  /** Any bits: not-a-numbers, infinities, zeros of both signs and subnormal numbers among them. */
  private static float[] anyBits(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = Float.intBitsToFloat(i % 2 == 0 ? random.nextInt() : random.nextInt() << 23);
    }
    return values;
  }

  private static float[] finite(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) Math.scalb(random.nextGaussian(), random.nextInt(60) - 30);
    }
    return values;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static void assertSameBits(NetworkState actual, NetworkState expected) {
    assertThat(bits(actual.parameters())).isEqualTo(bits(expected.parameters()));
    assertThat(bits(actual.updater())).isEqualTo(bits(expected.updater()));
    assertThat(actual.iteration()).isEqualTo(expected.iteration());
    assertThat(actual.epoch()).isEqualTo(expected.epoch());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "0, 3", "3, 6", "255, 257", "16383, 16385", "40001, 80002"})
  void survivesTransportBitByBit(int parameters, int updater) {
    Random random = new Random(parameters);
    NetworkState state =
        new NetworkState(anyBits(random, parameters), anyBits(random, updater), 7, -2);

    assertSameBits(read(JAVA, bytes(JAVA, state)), state);
  }

  @Test
  void takesFourBytesForEachValue() {
    NetworkState small = new NetworkState(new float[1], new float[2], 0, 0);
    NetworkState large = new NetworkState(new float[1001], new float[2002], 0, 0);

    // And, by Java's serialization, some bytes a kilobyte.
    assertThat(bytes(JAVA, large).remaining() - bytes(JAVA, small).remaining())
        .isBetween(4 * 3000, 4 * 3030);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17})
  void meanIsThatOfEachValueInDouble(int workers) {
    Random random = new Random(workers);
    for (int size : new int[] {0, 1, 7, 1023, 1024, 1025, 5000}) {
      List<NetworkState> states = new ArrayList<>();
      long[] weights = new long[workers];
      for (int i = 0; i < workers; i++) {
        states.add(new NetworkState(finite(random, size), finite(random, 2 * size), 9, 3));
        weights[i] = 1 + random.nextInt(1 << 29);
      }

      NetworkState mean = NetworkState.mean(states, weights);

      float[] parameters = new float[size];
      float[] updater = new float[2 * size];
      for (int j = 0; j < 2 * size; j++) {
        double parameterSum = 0;
        double updaterSum = 0;
        double examples = 0;
        for (int i = 0; i < workers; i++) {
          parameterSum += j < size ? (double) weights[i] * states.get(i).parameters()[j] : 0;
          updaterSum += (double) weights[i] * states.get(i).updater()[j];
          examples += weights[i];
        }
        updater[j] =
            workers == 1
                ? states.get(0).updater()[j]
                : NetworkState.shortened(updaterSum / examples);
        if (j < size) {
          parameters[j] = (float) (parameterSum / examples);
        }
      }
      assertSameBits(mean, new NetworkState(parameters, updater, 9, 3));
    }
  }

  @Test
  void momentsOfAMeanHaveSixteenBitsAndTravelInTwoBytes() {
    Random random = new Random(3);
    NetworkState a = new NetworkState(finite(random, 1000), finite(random, 2000), 9, 3);
    NetworkState b = new NetworkState(finite(random, 1000), finite(random, 2000), 9, 3);
    NetworkState mean = NetworkState.mean(List.of(a, b), new long[] {3, 4});
    for (int bits : bits(mean.updater())) {
      assertThat(bits & 0xFFFF).isZero();
    }
    assertThat(bytes(JAVA, a).remaining() - bytes(JAVA, mean).remaining())
        .isBetween(2 * 1990, 2 * 2010);
    for (NetworkState sent :
        List.of(
            mean,
            mean.withCounts(9, 3),
            NetworkState.joined(List.of(mean.slice(0, 2), mean.slice(1, 2))))) {
      assertSameBits(read(JAVA, bytes(JAVA, sent)), mean);
      assertThat(bytes(JAVA, sent).remaining()).isEqualTo(bytes(JAVA, mean).remaining());
    }
  }

  /** Adam's second moments change by a thousandth per step, a quarter of what 16 bits can tell. */
  @Test
  void roundingToSixteenBitsLosesNothingInTheMean() {
    Random random = new Random(5);
    for (double sign : new double[] {1, -1}) {
      double moment = sign * 1e-7;
      double exact = moment;
      for (int step = 0; step < 2000; step++) {
        double news = sign * 4e-7 * (1 + 0.1 * random.nextGaussian());
        moment = NetworkState.shortened(0.999 * moment + 0.001 * news);
        exact = 0.999 * exact + 0.001 * news;
      }
      assertThat(moment / exact).isCloseTo(1, within(0.1));
    }
    assertThat(NetworkState.shortened(0)).isZero();
    assertThat(NetworkState.shortened(-3)).isEqualTo(-3);
    double between = 1 + 1 / 512.0;
    assertThat(NetworkState.shortened(between)).isIn(1f, 1 + 1 / 128f);
  }

  @Test
  void meanOfOneStateIsThatState() {
    float[] values = {-0.0f, 0.0f, Float.MIN_VALUE, -Float.MAX_VALUE, 1 / 3f};
    NetworkState state = new NetworkState(values, values, 1, 1);

    assertSameBits(NetworkState.mean(List.of(state), new long[] {(1 << 29) - 1}), state);
  }
}
