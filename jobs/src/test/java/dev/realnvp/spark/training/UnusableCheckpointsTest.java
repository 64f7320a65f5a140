package dev.realnvp.spark.training;

import static dev.realnvp.spark.training.SmallNetwork.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that are torn, damaged, or of another training: named, and not used. */
class UnusableCheckpointsTest extends InterruptedTrainings {

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 20, 400, -9, -1})
  void tornOneIsNamedAndTheOneBeforeItUsed(int length) throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(ONE_WORKER, 5, checkpoints);
    byte[] whole = Files.readAllBytes(files().get(0));
    byte[] cut = ByteBuffer.allocate(length < 0 ? whole.length + length : length).array();
    System.arraycopy(whole, 0, cut, 0, cut.length);
    replace(files().get(0), cut);

    assertResumesFrom("resumed 2 3", "refused torn: it ", checkpoints);
  }

  @Test
  void damagedOneIsNamedAndTheOneBeforeItUsed() throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(ONE_WORKER, 5, checkpoints);
    byte[] bytes = Files.readAllBytes(files().get(0));
    bytes[bytes.length - 100] ^= 1;
    replace(files().get(0), bytes);

    assertResumesFrom("resumed 2 3", "refused damaged: its checksum ", checkpoints);
  }

  @Test
  void otherFormatIsNamedAndTheOneBeforeItUsed() throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(ONE_WORKER, 5, checkpoints);
    byte[] bytes = Files.readAllBytes(files().get(0));
    bytes[11] = 1;
    replace(files().get(0), bytes);

    assertResumesFrom("resumed 2 3", "refused of format 1, expected 4", checkpoints);
  }

  /** Each new one sorts before it, and would be the one too many. */
  @Test
  void damagedNewestOneDoesNotCountWhereOneIsKept() throws IOException {
    Checkpoints checkpoints =
        new Checkpoints(new Configuration(), folder.toString(), "small", 1, 1, Map.of());
    interrupt(ONE_WORKER, 5, checkpoints);
    replace(files().get(0), new byte[7]);

    interrupt(ONE_WORKER, 2, checkpoints);

    assertThat(files()).hasSize(2);
    assertResumesFrom("resumed 1 6", "refused torn: it ", checkpoints);
  }

  private void assertResumesFrom(String place, String refusal, Checkpoints checkpoints) {
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);
    MultiLayerNetwork resumed = network();

    fit(resumed, ONE_WORKER, Master.AVERAGING, listener, checkpoints);

    assertThat(listener.heard).hasSize(2).last().isEqualTo(place);
    assertThat(listener.heard.get(0)).startsWith(refusal);
    assertSame(resumed, undisturbed());
  }

  @Test
  void otherTrainingIsNamedAndNotUsed() {
    interrupt(ONE_WORKER, 5, checkpoints(1, Map.of("flow.epochs", "20")));
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);

    fit(
        network(),
        ONE_WORKER,
        Master.AVERAGING,
        listener,
        checkpoints(1, Map.of("flow.epochs", "5")));

    assertThat(listener.heard)
        .hasSize(2)
        .containsOnly("refused of another training: flow.epochs was 20, is 5");
    assertThat(listener.rounds).isEqualTo(ROUNDS);
  }

  @Test
  void otherNumberOfWorkersIsAnotherTraining() {
    interrupt(ONE_WORKER, 5, checkpoints(1, Map.of()));
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);

    fit(network(), new int[] {13, 12}, Master.AVERAGING, listener, checkpoints(1, Map.of()));

    assertThat(listener.heard)
        .hasSize(2)
        .allMatch(line -> line.contains("; workers was 1, is 2") && !line.contains("seed"));
  }
}
