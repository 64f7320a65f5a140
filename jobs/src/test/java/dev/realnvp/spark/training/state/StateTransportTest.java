package dev.realnvp.spark.training.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.training.ArrayShard;
import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.rows.ShardTask;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;

class StateTransportTest {

  private final JavaSparkContext spark = LocalSpark.context();

  private static final NetworkState START = state(1);

  private static NetworkState state(float value) {
    return new NetworkState(new float[] {value, -value}, new float[] {2 * value}, 5, 3);
  }

  private static Stream<Named<BiFunction<JavaSparkContext, NetworkState, StateTransport>>> ways() {
    return Stream.of(
        Named.of("in process", (spark, start) -> StateTransport.InProcess.open(start)),
        Named.of(
            "broadcast", (spark, start) -> new StateTransport.ByBroadcast(spark.broadcast(start))));
  }

  /** As Spark sends it. */
  private static <T> T sent(T value) {
    SerializerInstance serializer = SparkEnv.get().closureSerializer().newInstance();
    return serializer.deserialize(
        serializer.serialize(value, ClassTag$.MODULE$.apply(Object.class)),
        ClassTag$.MODULE$.apply(Object.class));
  }

  private static void assertSame(NetworkState actual, NetworkState expected) {
    assertThat(actual.parameters()).containsExactly(expected.parameters());
    assertThat(actual.updater()).containsExactly(expected.updater());
    assertThat(actual.iteration()).isEqualTo(expected.iteration());
    assertThat(actual.epoch()).isEqualTo(expected.epoch());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void takesEachWorkersStateToTheDriver(
      BiFunction<JavaSparkContext, NetworkState, StateTransport> way) {
    StateTransport states = way.apply(spark, START);
    RoundResult[] results = new RoundResult[2];
    for (int partition : new int[] {1, 0}) {
      StateTransport onWorker = sent(states);
      assertSame(onWorker.start(), START);
      results[partition] =
          sent(
              RoundResult.of(
                  partition, 10, 2.5, 0.1, onWorker.send(partition, state(7 + partition))));
    }

    for (int partition = 0; partition < 2; partition++) {
      RoundResult received = states.received(results[partition]);
      assertSame(received.state(), state(7 + partition));
      assertThat(received.partition()).isEqualTo(partition);
      assertThat(received.examples()).isEqualTo(10);
      assertThat(received.lossSum()).isEqualTo(2.5);
      assertThat(received.seconds()).isEqualTo(0.1);
      assertThat(received.failure()).isNull();
    }
    states.close();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void passesOnThatAWorkerHasFailed(
      BiFunction<JavaSparkContext, NetworkState, StateTransport> way) {
    StateTransport states = way.apply(spark, START);

    RoundResult received = states.received(sent(RoundResult.failed(1, "lost")));

    assertThat(received.failure()).isEqualTo("lost");
    assertThat(received.state()).isNull();
    states.close();
  }

  @Test
  void keepsRoundsApartThatGoOnAtTheSameTime() {
    StateTransport one = StateTransport.InProcess.open(state(1));
    StateTransport other = StateTransport.InProcess.open(state(2));
    sent(one).send(0, state(3));
    sent(other).send(0, state(4));

    assertSame(one.received(RoundResult.of(0, 1, 1, 1, null)).state(), state(3));
    assertSame(other.received(RoundResult.of(0, 1, 1, 1, null)).state(), state(4));
    one.close();
    other.close();
  }

  @Test
  void copiesNothingInProcess() {
    StateTransport states = StateTransport.open(spark, START);

    assertThat(states).isInstanceOf(StateTransport.InProcess.class);
    assertThat(sent(states).start()).isSameAs(START);
    states.close();
  }

  @Test
  void refusesAnAttemptThatIsTooLate() {
    StateTransport states = StateTransport.InProcess.open(START);
    states.close();

    assertThatThrownBy(() -> sent(states)).hasMessage("The round of this task is over");
  }

  /** A worker whose state follows from its partition; one may fail. */
  private static final class PartitionTask extends ShardTask<RoundResult> {
    private final StateTransport states;
    private final int failing;

    PartitionTask(StateTransport states, int failing) {
      this.states = states;
      this.failing = failing;
    }

    @Override
    public Iterator<RoundResult> call(int partition, Shard shard) {
      NetworkState trained = state(1 / (3f + partition));
      return List.of(
              partition == failing
                  ? RoundResult.failed(partition, "lost")
                  : RoundResult.of(
                      partition, shard.size(), partition, 0.5, states.send(partition, trained)))
          .iterator();
    }
  }

  /** The sixth has no row. */
  private static JavaRDD<Shard> shards(JavaSparkContext spark, int count) {
    return spark.parallelize(
        ArrayShard.randomOf(IntStream.range(0, count).map(i -> i == 5 ? 0 : 7 + i).toArray()),
        count);
  }

  private static RoundResult mean(StateTransport states, JavaRDD<Shard> shards, int failing) {
    try {
      return states.mean(new PartitionTask(states, failing), shards);
    } finally {
      states.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 9, 23})
  void meansHaveTheSameBitsHoweverTheyTravel(int workers) {
    JavaRDD<Shard> shards = shards(spark, workers);
    RoundResult here = mean(StateTransport.InProcess.open(START), shards, -1);
    RoundResult there = mean(new StateTransport.ByBroadcast(spark.broadcast(START)), shards, -1);

    assertSame(there.state(), here.state());
    assertThat(there.lossSum()).isEqualTo(here.lossSum());
    assertThat(there.examples()).isEqualTo(here.examples());
    int trained = workers > 5 ? workers - 1 : workers;
    assertThat(there.seconds()).isEqualTo(here.seconds()).isEqualTo(0.5 * trained);
    assertThat(there.slowest()).isEqualTo(here.slowest()).isEqualTo(0.5);
    double sum = 0;
    double rows = 0;
    for (int p = 0; p < workers; p++) {
      double own = p == 5 ? 0 : 7 + p;
      sum += own / (3 + p);
      rows += own;
    }
    assertThat((double) here.state().parameters()[0]).isCloseTo(sum / rows, within(1e-7));
    assertThat(here.examples()).isEqualTo((long) rows);
  }

  @Test
  void aFailureArrivesThroughTheSlices() {
    RoundResult lost =
        mean(new StateTransport.ByBroadcast(spark.broadcast(START)), shards(spark, 11), 7);

    assertThat(lost.failure()).isEqualTo("lost");
    assertThat(lost.partition()).isEqualTo(7);
  }

  @Test
  void theShuffleOfARoundIsDroppedWithIt() {
    Set<Object> before = shuffles();

    mean(new StateTransport.ByBroadcast(spark.broadcast(START)), shards(spark, 11), -1);

    assertThat(before).containsAll(shuffles());
  }

  private static Set<Object> shuffles() {
    MapOutputTrackerMaster tracker = (MapOutputTrackerMaster) SparkEnv.get().mapOutputTracker();
    return Set.copyOf(
        JavaConverters.asJavaCollectionConverter(tracker.shuffleStatuses().keySet())
            .asJavaCollection());
  }
}
