package dev.realnvp.spark.training;

import dev.realnvp.engine.Batch;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.lang3.ArrayUtils;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * The rows of a training that may be anomalies, which a trimmed loss may leave out. A pilot, which
 * has been trained on all rows, decides: those whose loss lies beyond Tukey's inner fence (1977,
 * Exploratory Data Analysis, chapter 2) of all losses, {@code Q3 + 1.5 (Q3 - Q1)}, and at most a
 * tenth of the rows. If more than a fiftieth of the rows of a class, or of a value of a discrete
 * feature, would be suspect, none of them is: rows of a rare kind are not suspect for being rare.
 *
 * <p>They follow from the pilot's parameters and a row's content, so any executor finds the same.
 *
 * @param pilot its parameters
 * @param fence the least loss of a suspect, in nats
 * @param spared by feature, its values whose rows are none; by -1 those of the class
 * @param rows how many rows are suspect
 * @param share of all rows
 * @param shifts the features in which they differ most from all rows, the greatest first
 */
public record Suspects(
    NetworkState pilot,
    double fence,
    Map<Integer, float[]> spared,
    long rows,
    double share,
    List<Shift> shifts)
    implements Serializable {

  /**
   * How far the mean of the suspects is from that of all rows, in deviations of all rows.
   *
   * @param feature its index
   */
  public record Shift(int feature, double deviations) implements Serializable {}

  private static final int CLASS = -1;
  private static final double INNER_FENCE = 1.5;
  private static final double MOST_ROWS = 0.1;
  private static final double MOST_OF_A_VALUE = 0.02;

  /** A feature of more different values is continuous. */
  private static final int MOST_VALUES = 32;

  private static final int SAMPLE = 50_000;
  private static final int MOST_SHIFTS = 3;

  /** The pilot's share of the epochs, at least one. */
  private static final int PILOT_EPOCHS = 20;

  private static final int BLOCK = 200;

  /**
   * Trains the pilot, for a twentieth of the epochs.
   *
   * @param network that will be trained; stays as it is
   * @param features D
   * @return null if no row is suspect
   */
  static Suspects find(
      JavaSparkContext spark,
      MultiLayerNetwork network,
      TrainingSettings settings,
      JavaRDD<Shard> shards,
      int features) {
    MultiLayerNetwork trained = network.clone();
    int epochs = Math.max(1, settings.epochs() / PILOT_EPOCHS);
    new DistributedTrainer(spark, settings.ofPilot(epochs), new TrainingListener() {})
        .fit(trained, shards, null, null, null);
    NetworkState pilot = NetworkState.parametersOf(trained);
    Broadcast<ExecutorState> executors = spark.broadcast(ExecutorState.forInference(network));
    Broadcast<NetworkState> state = spark.broadcast(pilot);
    try {
      long all = LongStream.of(DistributedTrainer.sizes(shards)).sum();
      long every = (all + SAMPLE - 1) / SAMPLE;
      double[] losses =
          new FitterTask<>(executors, state, (fitter, shard) -> losses(fitter, shard, every))
              .run(shards).stream().flatMapToDouble(Arrays::stream).sorted().toArray();
      double quartile = losses[3 * (losses.length - 1) / 4];
      double range = quartile - losses[(losses.length - 1) / 4];
      double fence =
          Math.max(
              quartile + INNER_FENCE * range,
              losses[(int) Math.ceil((1 - MOST_ROWS) * (losses.length - 1))]);
      if (!(range > 0) || !Double.isFinite(fence)) {
        return null;
      }
      // Tasks have the parameters by the broadcast.
      Suspects found = new Suspects(null, fence, Map.of(), 0, 0, List.of());
      Function<Suspects, Counts> count =
          suspects ->
              new FitterTask<>(
                      executors, state, (fitter, shard) -> suspects.count(fitter, shard, features))
                  .run(shards).stream().reduce(new Counts(features), Counts::plus);
      Map<Integer, float[]> spared = count.apply(found).tooMany();
      Counts counts = count.apply(new Suspects(null, fence, spared, 0, 0, List.of()));
      return counts.suspects == 0
          ? null
          : new Suspects(
              pilot,
              fence,
              spared,
              counts.suspects,
              (double) counts.suspects / counts.rows,
              counts.shifts());
    } finally {
      state.destroy();
      executors.destroy();
    }
  }

  /** The losses of one row of so many, in the order of their contents. */
  private static double[] losses(Fitter fitter, Shard shard, long every) {
    DoubleStream.Builder losses = DoubleStream.builder();
    forEachBlock(
        fitter,
        shard,
        every,
        (batch, rows) -> Arrays.stream(batch.losses(), 0, rows.length).forEach(losses));
    return losses.build().toArray();
  }

  private Counts count(Fitter fitter, Shard shard, int features) {
    Counts counts = new Counts(features);
    forEachBlock(
        fitter,
        shard,
        1,
        (batch, rows) -> {
          for (int i = 0; i < rows.length; i++) {
            counts.add(batch, i, suspect(batch, i));
          }
        });
    return counts;
  }

  /**
   * The suspects of a shard.
   *
   * @param fitter in the pilot's state
   */
  BitSet among(Fitter fitter, Shard shard) {
    BitSet among = new BitSet();
    forEachBlock(
        fitter,
        shard,
        1,
        (batch, rows) -> {
          for (int i = 0; i < rows.length; i++) {
            among.set(Math.toIntExact(rows[i]), suspect(batch, i));
          }
        });
    return among;
  }

  /** Scores one row of so many, some at a time. */
  private static void forEachBlock(
      Fitter fitter, Shard shard, long every, BiConsumer<Batch, long[]> work) {
    long size = shard.size();
    for (long from = 0; from < size; from += BLOCK * every) {
      long begin = from;
      long[] rows = new long[(int) Math.min(BLOCK, (size - from + every - 1) / every)];
      Arrays.setAll(rows, i -> begin + i * every);
      work.accept(fitter.score(shard, rows), rows);
    }
  }

  private boolean suspect(Batch batch, int row) {
    return batch.losses()[row] > fence
        && spared.entrySet().stream()
            .noneMatch(
                values ->
                    Arrays.binarySearch(values.getValue(), value(batch, values.getKey(), row))
                        >= 0);
  }

  /** A feature's value, or with {@link #CLASS} the class. */
  private static float value(Batch batch, int feature, int row) {
    return feature == CLASS
        ? batch.labels()[row]
        : batch.inputs().array()[feature * batch.rows() + row];
  }

  /** Rows and suspects: how many, of each value, and sums of each feature. */
  private static final class Counts implements Serializable {

    /** By feature: rows and suspects of each value, of a continuous one of some values. */
    private final Map<Integer, TreeMap<Float, long[]>> values = new HashMap<>();

    private final double[][] sums;
    private long rows;
    private long suspects;

    Counts(int features) {
      sums = new double[3][features];
    }

    void add(Batch batch, int row, boolean suspect) {
      int one = suspect ? 1 : 0;
      rows++;
      suspects += one;
      for (int j = 0; j < sums[0].length; j++) {
        float x = value(batch, j, row);
        sums[0][j] += x;
        sums[1][j] += (double) x * x;
        sums[2][j] += suspect ? x : 0;
        add(j, x, 1, one);
      }
      if (batch.labels() != null) {
        add(CLASS, value(batch, CLASS, row), 1, one);
      }
    }

    private void add(int feature, float value, long count, long suspicious) {
      TreeMap<Float, long[]> of = values.computeIfAbsent(feature, some -> new TreeMap<>());
      if (isDiscrete(feature, of)) {
        long[] counts = of.computeIfAbsent(value, some -> new long[2]);
        counts[0] += count;
        counts[1] += suspicious;
      }
    }

    /** A feature that has one value too many is counted no further. */
    private static boolean isDiscrete(int feature, Map<Float, long[]> of) {
      return feature == CLASS || of.size() <= MOST_VALUES;
    }

    /** This, with what another worker has counted. */
    Counts plus(Counts more) {
      rows += more.rows;
      suspects += more.suspects;
      for (int k = 0; k < sums.length; k++) {
        for (int j = 0; j < sums[k].length; j++) {
          sums[k][j] += more.sums[k][j];
        }
      }
      more.values.forEach(
          (feature, of) ->
              of.forEach((value, counts) -> add(feature, value, counts[0], counts[1])));
      return this;
    }

    /** By feature, the values too many of whose rows are suspect, sorted. */
    Map<Integer, float[]> tooMany() {
      Map<Integer, float[]> found = new TreeMap<>();
      values.forEach(
          (feature, of) -> {
            Float[] spared =
                of.entrySet().stream()
                    .filter(e -> e.getValue()[1] > MOST_OF_A_VALUE * e.getValue()[0])
                    .map(Map.Entry::getKey)
                    .toArray(Float[]::new);
            if (isDiscrete(feature, of) && spared.length > 0) {
              found.put(feature, ArrayUtils.toPrimitive(spared));
            }
          });
      return found;
    }

    List<Shift> shifts() {
      return IntStream.range(0, sums[0].length)
          .mapToObj(
              j -> {
                double mean = sums[0][j] / rows;
                double deviation = Math.sqrt(Math.max(0, sums[1][j] / rows - mean * mean));
                double shift = sums[2][j] / suspects - mean;
                return new Shift(j, deviation > 0 ? shift / deviation : 0);
              })
          .sorted(Comparator.comparingDouble(shift -> -Math.abs(shift.deviations())))
          .limit(MOST_SHIFTS)
          .toList();
    }
  }
}
