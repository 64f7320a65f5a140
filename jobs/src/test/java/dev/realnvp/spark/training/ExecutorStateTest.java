package dev.realnvp.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.training.rows.Shard;
import dev.realnvp.spark.training.state.NetworkState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

class ExecutorStateTest {

  private final MultiLayerNetwork network = SmallNetwork.adam();
  private final NetworkState start = NetworkState.of(network);
  private final ExecutorState session =
      new ExecutorState(network, new TrainingSettings(1, 1, 1, 5, Master.AVERAGING, 0), null);

  @Test
  void fittersAreKeptBetweenTasks() {
    Fitter first = session.with(start, used -> used);

    assertThat(session.<Fitter>with(start, used -> used)).isSameAs(first);
  }

  @Test
  void tasksAtTheSameTimeHaveDifferentFitters() {
    session.with(
        start, outer -> session.with(start, inner -> assertThat(inner).isNotSameAs(outer)));
  }

  @Test
  void everyTaskStartsFromTheGivenState() {
    Shard shard = ArrayShard.random(10, 1);
    long[] rows = {3, 1, 4, 5, 9};
    float[] once = session.with(start, used -> fit(used, shard, rows));
    float[] again = session.with(start, used -> fit(used, shard, rows));

    assertThat(once).isNotEqualTo(SmallNetwork.parameters(network));
    assertThat(again).isEqualTo(once);
  }

  private static float[] fit(Fitter fitter, Shard shard, long[] rows) {
    fitter.fit(shard, rows, null);
    fitter.fit(shard, rows, null);
    return fitter.state().parameters();
  }

  @Test
  void fitterOfFailedTaskIsNotUsedAgain() {
    Fitter[] failed = new Fitter[1];
    assertThatThrownBy(
            () ->
                session.with(
                    start,
                    used -> {
                      failed[0] = used;
                      throw new IllegalStateException("no such row");
                    }))
        .hasMessage("no such row");

    assertThat(session.<Fitter>with(start, used -> used)).isNotSameAs(failed[0]);
  }

  @Test
  void worksAfterTransport() throws Exception {
    session.with(start, used -> used);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(session);
    }
    ExecutorState received;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      received = (ExecutorState) in.readObject();
    }

    assertThat(received.<float[]>with(start, used -> used.state().parameters()))
        .isEqualTo(SmallNetwork.parameters(network));
    ArrayShard shard = ArrayShard.random(20, 1);
    for (int epoch = 2; epoch < 4; epoch++) {
      assertThat(received.order(epoch, 1, shard.extent()).rows(shard, 0, 20))
          .isEqualTo(Simulation.order(5, epoch, 1, 20));
    }
  }
}
