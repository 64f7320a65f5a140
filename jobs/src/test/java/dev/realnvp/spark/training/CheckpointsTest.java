package dev.realnvp.spark.training;

import static dev.realnvp.spark.training.SmallNetwork.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that are interrupted and go on. An epoch here has 7 steps: rounds of 3, 3 and 1. */
@ExtendWith(LocalSpark.class)
class CheckpointsTest {

  private static final int ROUNDS = 9;

  private final JavaSparkContext spark;

  @TempDir private Path folder;

  CheckpointsTest(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** Notes what it hears, and fails in a round as the driver's death would. */
  private static final class Interrupter implements TrainingListener {
    final List<String> heard = new ArrayList<>();
    private final int lastRound;
    private int rounds;

    Interrupter(int lastRound) {
      this.lastRound = lastRound;
    }

    @Override
    public void roundDone(RoundProgress progress) {
      rounds++;
      if (rounds > lastRound) {
        throw new IllegalStateException("killed");
      }
    }

    @Override
    public void resumed(String file, int epoch, int step) {
      heard.add("resumed " + epoch + " " + step);
    }

    @Override
    public void checkpointRefused(String file, String reason) {
      heard.add("refused " + reason);
    }

    @Override
    public void checkpointFailed(String where, String reason) {
      heard.add("failed " + reason);
    }
  }

  private static MultiLayerNetwork network() {
    return SmallNetwork.create(new Optimizer(0.02, Schedule.COSINE, 21, 0).updater());
  }

  private Checkpoints checkpoints(int everyRounds, Map<String, String> identity) {
    return new Checkpoints(
        new Configuration(), folder.toString(), "small", everyRounds, 2, identity);
  }

  private List<EpochStats> fit(
      MultiLayerNetwork network,
      int[] sizes,
      Master master,
      TrainingListener listener,
      Checkpoints checkpoints) {
    JavaRDD<Shard> shards = spark.parallelize(ArrayShard.randomOf(sizes), sizes.length);
    return new DistributedTrainer(spark, new TrainingSettings(3, 4, 3, 11, master, 0), listener)
        .fit(network, shards, Validation.on(shards, 10), checkpoints);
  }

  /** Trains until the round, and leaves checkpoints. */
  private void interrupt(int[] sizes, int round, Checkpoints checkpoints) {
    assertThatThrownBy(
            () -> fit(network(), sizes, Master.AVERAGING, new Interrupter(round), checkpoints))
        .hasMessage("killed");
  }

  private static void assertSameHistory(List<EpochStats> actual, List<EpochStats> expected) {
    assertThat(actual)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields(
            "seconds", "averagingSeconds", "waitingSeconds")
        .isEqualTo(expected);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(file -> file.toString().endsWith(".ckpt"))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2"})
  void goesOnBitForBitAfterAnyRound(int workers, int everyRounds) {
    int[] sizes = workers == 1 ? new int[] {25} : new int[] {25, 18};
    MultiLayerNetwork undisturbed = network();
    List<EpochStats> history =
        fit(undisturbed, sizes, Master.AVERAGING, new TrainingListener() {}, null);
    for (int round = 0; round < ROUNDS; round++) {
      Checkpoints checkpoints = checkpoints(everyRounds, Map.of("round", "" + round));
      interrupt(sizes, round, checkpoints);

      MultiLayerNetwork resumed = network();
      List<EpochStats> all =
          fit(resumed, sizes, Master.AVERAGING, new TrainingListener() {}, checkpoints);

      assertSame(resumed, undisturbed);
      assertSameHistory(all, history);
    }
  }

  @Test
  void saysWhereItGoesOn() {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(new int[] {25}, 5, checkpoints);
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);

    fit(network(), new int[] {25}, Master.AVERAGING, listener, checkpoints);

    assertThat(listener.heard).containsExactly("resumed 2 6");
    assertThat(listener.rounds).isEqualTo(ROUNDS - 5);
  }

  @Test
  void stockMasterGoesOnAfterAnEpoch() {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    MultiLayerNetwork undisturbed = network();
    fit(undisturbed, new int[] {25}, Master.STOCK, new TrainingListener() {}, null);
    TrainingListener killer =
        new TrainingListener() {
          @Override
          public void epochDone(EpochStats stats) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> fit(network(), new int[] {25}, Master.STOCK, killer, checkpoints))
        .hasMessage("killed");
    Interrupter listener = new Interrupter(0);
    MultiLayerNetwork resumed = network();

    fit(resumed, new int[] {25}, Master.STOCK, listener, checkpoints);

    assertThat(listener.heard).containsExactly("resumed 2 0");
    assertSame(resumed, undisturbed);
  }

  @Test
  void finishedTrainingIsNotDoneAgain() {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    MultiLayerNetwork first = network();
    fit(first, new int[] {25}, Master.AVERAGING, new TrainingListener() {}, checkpoints);
    MultiLayerNetwork second = network();

    fit(second, new int[] {25}, Master.AVERAGING, new Interrupter(0), checkpoints);

    assertSame(second, first);
  }

  @Test
  void keepsTheLastOnesAndDeletesOnlyItsOwn() throws IOException {
    Checkpoints other = checkpoints(1, Map.of("flow.l2", "0"));
    interrupt(new int[] {25}, 1, other);
    Path killedWhileWriting = Files.createFile(folder.resolve(".x"));
    List<Path> others = files();
    Checkpoints own = checkpoints(1, Map.of("flow.l2", "1e-5"));

    interrupt(new int[] {25}, 7, own);
    assertThat(files()).hasSize(others.size() + 2).containsAll(others);
    own.delete();

    assertThat(files()).isEqualTo(others);
    assertThat(killedWhileWriting).exists();
  }

  @Test
  void whatWasBeingWrittenGoesWhateverTheFolderIsCalled() throws IOException {
    Path odd = Files.createDirectory(folder.resolve("a[b{c"));
    Checkpoints checkpoints =
        new Checkpoints(new Configuration(), odd.toString(), "small", 1, 2, Map.of());
    interrupt(new int[] {25}, 1, checkpoints);
    try (Stream<Path> found = Files.list(odd)) {
      String whole =
          found
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".ckpt"))
              .findFirst()
              .orElseThrow();
      Files.createFile(odd.resolve("." + whole.replace(".ckpt", ".tmp")));
    }

    checkpoints.delete();

    assertThat(odd).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 20, 400, -9, -1})
  void tornOneIsNamedAndTheOneBeforeItUsed(int length) throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(new int[] {25}, 5, checkpoints);
    byte[] whole = Files.readAllBytes(files().get(0));
    byte[] cut = ByteBuffer.allocate(length < 0 ? whole.length + length : length).array();
    System.arraycopy(whole, 0, cut, 0, cut.length);
    replace(files().get(0), cut);

    assertResumesFrom("resumed 2 3", "refused torn: it ", checkpoints);
  }

  @Test
  void damagedOneIsNamedAndTheOneBeforeItUsed() throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(new int[] {25}, 5, checkpoints);
    byte[] bytes = Files.readAllBytes(files().get(0));
    bytes[bytes.length - 100] ^= 1;
    replace(files().get(0), bytes);

    assertResumesFrom("resumed 2 3", "refused damaged: its checksum ", checkpoints);
  }

  @Test
  void otherFormatIsNamedAndTheOneBeforeItUsed() throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    interrupt(new int[] {25}, 5, checkpoints);
    byte[] bytes = Files.readAllBytes(files().get(0));
    bytes[11] = 1;
    replace(files().get(0), bytes);

    assertResumesFrom("resumed 2 3", "refused of format 1, expected 2", checkpoints);
  }

  private void assertResumesFrom(String place, String refusal, Checkpoints checkpoints) {
    MultiLayerNetwork undisturbed = network();
    fit(undisturbed, new int[] {25}, Master.AVERAGING, new TrainingListener() {}, null);
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);
    MultiLayerNetwork resumed = network();

    fit(resumed, new int[] {25}, Master.AVERAGING, listener, checkpoints);

    assertThat(listener.heard).hasSize(2).last().isEqualTo(place);
    assertThat(listener.heard.get(0)).startsWith(refusal);
    assertSame(resumed, undisturbed);
  }

  /** Without Hadoop's own checksum, which other file systems do not have. */
  private static void replace(Path file, byte[] bytes) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, bytes);
  }

  @Test
  void theNewestThatCanBeReadTellsHowFarATrainingIs() throws IOException {
    Checkpoints checkpoints = checkpoints(1, Map.of());
    assertThat(SavedProgress.newest(new Configuration(), folder.resolve("no") + "", "small"))
        .isEmpty();
    interrupt(new int[] {25}, 5, checkpoints);

    SavedProgress progress = progress().orElseThrow();

    assertThat(progress.epoch()).isEqualTo(2);
    assertThat(progress.step()).isEqualTo(6);
    assertSameHistory(
        progress.history(),
        fit(network(), new int[] {25}, Master.AVERAGING, new TrainingListener() {}, null)
            .subList(0, 1));
    replace(files().get(0), new byte[20]);
    assertThat(progress().orElseThrow().step()).isEqualTo(3);
    replace(files().get(1), new byte[0]);
    assertThat(progress()).isEmpty();
    assertThat(SavedProgress.newest(new Configuration(), folder.toString(), "other")).isEmpty();
  }

  private Optional<SavedProgress> progress() throws IOException {
    return SavedProgress.newest(new Configuration(), folder.toString(), "small");
  }

  @Test
  void otherTrainingIsNamedAndNotUsed() {
    interrupt(new int[] {25}, 5, checkpoints(1, Map.of("flow.epochs", "20")));
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);

    fit(
        network(),
        new int[] {25},
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
    interrupt(new int[] {25}, 5, checkpoints(1, Map.of()));
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);

    fit(network(), new int[] {13, 12}, Master.AVERAGING, listener, checkpoints(1, Map.of()));

    assertThat(listener.heard)
        .hasSize(2)
        .allMatch(line -> line.contains("; workers was 1, is 2") && !line.contains("seed"));
  }

  @Test
  void folderThatCannotBeWrittenCostsTheTrainingNothing() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Checkpoints checkpoints =
        new Checkpoints(
            new Configuration(), file.resolve("in").toString(), "small", 1, 2, Map.of());
    MultiLayerNetwork undisturbed = network();
    fit(undisturbed, new int[] {25}, Master.AVERAGING, new TrainingListener() {}, null);
    Interrupter listener = new Interrupter(Integer.MAX_VALUE);
    MultiLayerNetwork trained = network();

    fit(trained, new int[] {25}, Master.AVERAGING, listener, checkpoints);

    assertSame(trained, undisturbed);
    assertThat(listener.heard).isNotEmpty().allMatch(line -> line.startsWith("failed "));
  }
}
