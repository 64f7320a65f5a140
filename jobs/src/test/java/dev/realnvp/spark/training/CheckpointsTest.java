package dev.realnvp.spark.training;

import static dev.realnvp.spark.training.SmallNetwork.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.model.EpochStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Trainings that are interrupted and go on. */
class CheckpointsTest extends InterruptedTrainings {

  @Test
  void goesOnBitForBitAfterAnyRound() {
    int[] sizes = {25, 18};
    MultiLayerNetwork undisturbed = network();
    List<EpochStats> history =
        fit(undisturbed, sizes, Master.AVERAGING, new TrainingListener() {}, null);
    for (int round = 0; round < ROUNDS; round++) {
      Checkpoints checkpoints = checkpoints(2, Map.of("round", "" + round));
      interrupt(sizes, round, checkpoints);

      MultiLayerNetwork resumed = network();
      List<EpochStats> all =
          fit(resumed, sizes, Master.AVERAGING, new TrainingListener() {}, checkpoints);

      assertSame(resumed, undisturbed);
      assertSameHistory(all, history);
    }
  }

  @Test
  void knowsTheWorkersOfTheNewestThatFits() throws IOException {
    interrupt(ONE_WORKER, 2, checkpoints(1, Map.of("data", "a", "flow.epochs", "3")));
    interrupt(new int[] {9, 8}, 2, checkpoints(1, Map.of("data", "b", "flow.epochs", "3")));

    assertThat(checkpoints(1, Map.of("data", "a")).workers()).hasValue(1);
    assertThat(checkpoints(1, Map.of("data", "b")).workers()).hasValue(2);
    assertThat(checkpoints(1, Map.of("data", "c")).workers()).isEmpty();
  }

  @Test
  void saysWhereItGoesOn() {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(ONE_WORKER, 5, checkpoints);
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);

    fit(network(), ONE_WORKER, Master.AVERAGING, listener, checkpoints);

    assertThat(listener.heard).containsExactly("resumed 2 6");
    assertThat(listener.rounds).isEqualTo(ROUNDS - 5);
  }

  @Test
  @EnabledIf("dev.realnvp.spark.training.FaultsTest#hasStockMaster")
  void stockMasterGoesOnAfterAnEpoch() {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    MultiLayerNetwork undisturbed = network();
    fit(undisturbed, ONE_WORKER, Master.STOCK, new TrainingListener() {}, null);
    TrainingListener killer =
        new TrainingListener() {
          @Override
          public void epochDone(EpochStats stats) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> fit(network(), ONE_WORKER, Master.STOCK, killer, checkpoints))
        .hasMessage("killed");
    Interrupter listener = new Interrupter(0);
    MultiLayerNetwork resumed = network();

    fit(resumed, ONE_WORKER, Master.STOCK, listener, checkpoints);

    assertThat(listener.heard).containsExactly("resumed 2 0");
    assertSame(resumed, undisturbed);
  }

  @Test
  void finishedTrainingIsNotDoneAgain() {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    MultiLayerNetwork first = network();
    fit(first, ONE_WORKER, Master.AVERAGING, new TrainingListener() {}, checkpoints);
    MultiLayerNetwork second = network();

    fit(second, ONE_WORKER, Master.AVERAGING, new Interrupter(0), checkpoints);

    assertSame(second, first);
  }

  @Test
  void keepsTheLastOnesAndDeletesOnlyItsOwn() throws IOException {
    Checkpoints other = checkpoints(1, Map.of("flow.l2", "0"));
    interrupt(ONE_WORKER, 1, other);
    Path foreign = Files.createFile(folder.resolve(".x"));
    List<Path> others = files();
    Checkpoints own = checkpoints(1, Map.of("flow.l2", "1e-5"));

    interrupt(ONE_WORKER, 7, own);
    assertThat(files()).hasSize(others.size() + 2).containsAll(others);
    own.delete();

    assertThat(files()).isEqualTo(others);
    assertThat(foreign).exists();
  }

  @Test
  void theyGoWhateverTheFolderIsCalled() throws IOException {
    Path odd = Files.createDirectory(folder.resolve("a[b{c"));
    Checkpoints checkpoints =
        new Checkpoints(new Configuration(), odd.toString(), "small", 1, 2, Map.of());
    interrupt(ONE_WORKER, 1, checkpoints);

    checkpoints.delete();

    assertThat(odd).doesNotExist();
  }

  @Test
  void folderThatCannotBeWrittenCostsTheTrainingNothing() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Checkpoints checkpoints =
        new Checkpoints(
            new Configuration(), file.resolve("in").toString(), "small", 1, 2, Map.of());
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);
    MultiLayerNetwork trained = network();

    fit(trained, ONE_WORKER, Master.AVERAGING, listener, checkpoints);

    assertSame(trained, undisturbed());
    assertThat(listener.heard).isNotEmpty().allMatch(line -> line.startsWith("failed "));
  }
}
