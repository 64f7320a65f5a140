package dev.realnvp.spark.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.TransientFailures;
import dev.realnvp.spark.training.rows.Shard;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.DiskBlockManager;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.Test;

/** The files of shards: when they are written, kept, written again, and deleted. */
class ShardFilesTest {

  private static final int ROWS = 2001;

  private final SparkSession spark = LocalSpark.session();

  private JavaRDD<Shard> shards() {
    return Shards.embeddings(
            spark.sql(
                "select id, 'train' split, cast(null as int) label,"
                    + " array(float(id), float(-id)) embedding from range("
                    + ROWS
                    + ")"),
            Map.of("train", (long) ROWS),
            2,
            0,
            0,
            2,
            1)
        .get("train");
  }

  private static List<Float> values(Shard shard) {
    shard.verify(0);
    float[] column =
        shard
            .batch(LongStream.range(0, shard.size()).toArray())
            .getFeatures()
            .getColumn(0)
            .toFloatVector();
    return IntStream.range(0, column.length).mapToObj(i -> column[i]).toList();
  }

  private static List<List<Float>> values(JavaRDD<Shard> shards) {
    return shards.map(ShardFilesTest::values).collect();
  }

  private static DiskBlockManager disks() {
    return SparkEnv.get().blockManager().diskBlockManager();
  }

  private static File file(JavaRDD<Shard> shards, int partition) {
    return disks().getFile(new RDDBlockId(shards.id(), partition));
  }

  /** Whatever lies in Spark's local folders on behalf of an RDD, unfinished files included. */
  private static List<Path> files(JavaRDD<Shard> shards) {
    return files("rdd_" + shards.id() + "_");
  }

  private static List<Path> files(String prefix) {
    List<Path> found = new ArrayList<>();
    for (File folder : disks().localDirs()) {
      // Other tests' files may go meanwhile, which a listing does not mind.
      for (File part : folder.listFiles(File::isDirectory)) {
        for (String name : part.list()) {
          if (name.startsWith(prefix)) {
            found.add(part.toPath().resolve(name));
          }
        }
      }
    }
    return found;
  }

  @Test
  void filesAreWrittenOnceAndGoWithUnpersist() {
    JavaRDD<Shard> shards = shards().persist(StorageLevel.MEMORY_AND_DISK());
    List<List<Float>> first = values(shards);
    long written = file(shards, 0).lastModified();

    assertThat(files(shards))
        .containsExactlyInAnyOrder(file(shards, 0).toPath(), file(shards, 1).toPath());
    assertThat(file(shards, 0)).hasSize(1001 * 8 + 4 + 16);
    long inode = inode(file(shards, 0));
    assertThat(values(shards)).isEqualTo(first);
    assertThat(inode(file(shards, 0))).isEqualTo(inode);
    assertThat(file(shards, 0).lastModified()).isEqualTo(written);
    shards.unpersist(true);
    assertThat(files(shards)).isEmpty();
  }

  private static long inode(File file) {
    try {
      return (long) Files.getAttribute(file.toPath(), "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Many fits of one session must not fill the disk. */
  @Test
  void shufflesGoWithTheFilesAndAreMadeAgain() {
    List<Path> before = files("shuffle_");
    JavaRDD<Shard> shards = shards().persist(StorageLevel.DISK_ONLY());
    List<List<Float>> first = values(shards);
    assertThat(files("shuffle_")).anyMatch(path -> !before.contains(path));
    shards.unpersist(true);

    assertThat(files("shuffle_")).isSubsetOf(before);
    assertThat(values(shards)).isEqualTo(first);
    shards.unpersist(true);
  }

  @Test
  void nothingStaysOfShardsThatAreNotPersisted() {
    JavaRDD<Shard> shards = shards();

    assertThat(values(shards)).isEqualTo(values(shards));
    assertThat(files(shards)).isEmpty();
  }

  /** A file that is gone, cut, or changed at its end, when a task begins. */
  @Test
  void unusableFileIsWrittenAgain() throws IOException {
    JavaRDD<Shard> shards = shards().persist(StorageLevel.DISK_ONLY());
    List<List<Float>> first = values(shards);
    try {
      Files.delete(file(shards, 0).toPath());
      assertThat(values(shards)).isEqualTo(first);
      try (RandomAccessFile file = new RandomAccessFile(file(shards, 0), "rw")) {
        file.setLength(100);
      }
      assertThat(values(shards)).isEqualTo(first);
      flip(file(shards, 1), file(shards, 1).length() - 10);
      assertThat(values(shards)).isEqualTo(first);
    } finally {
      shards.unpersist(true);
    }
    assertThat(files(shards)).isEmpty();
  }

  private static void flip(File changed, long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(changed, "rw")) {
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ 1);
    }
  }

  /** The task fails; its next attempt has the rows as they were. */
  @Test
  void changedRowIsNoticedAndTheNextAttemptIsRight() throws IOException {
    JavaRDD<Shard> shards = shards().persist(StorageLevel.DISK_ONLY());
    List<List<Float>> first = values(shards);
    try {
      flip(file(shards, 1), 4321);
      assertThat(values(shards)).isEqualTo(first);
      // Not by chance: without the check the changed row would be used.
      flip(file(shards, 1), 0);
      assertThat(
              shards
                  .map(shard -> shard.batch(new long[] {0}).getFeatures().getFloat(0))
                  .collect()
                  .get(1))
          .isNotEqualTo(first.get(1).get(0));
    } finally {
      shards.unpersist(true);
    }
  }

  /** What a task does that runs while another one is just writing the file, or has written it. */
  @Test
  void attemptsAtTheSamePartitionGetTheSame() {
    JavaRDD<Shard> shards = shards().persist(StorageLevel.DISK_ONLY());
    try {
      JavaRDD<Shard> twice = shards.union(shards);
      List<List<Float>> all = values(twice);
      assertThat(all.subList(2, 4)).isEqualTo(all.subList(0, 2));
      assertThat(files(shards)).hasSize(2);
    } finally {
      shards.unpersist(true);
    }
  }

  @Test
  void folderThatTakesNoFileIsOneLineAndWorthAnotherTry() throws IOException {
    JavaRDD<Shard> shards = shards().persist(StorageLevel.DISK_ONLY());
    // A folder in the file's place, with something in it.
    Path blocked = file(shards, 0).toPath();
    Files.createDirectories(blocked.resolve("full"));
    try {
      assertThatThrownBy(() -> values(shards))
          .satisfies(failure -> assertThat(TransientFailures.is(failure)).isTrue())
          .hasStackTraceContaining("cannot keep the rows of worker 0 in " + blocked.getParent())
          .hasStackTraceContaining("make room there, or name another spark.local.dir");
    } finally {
      Files.delete(blocked.resolve("full"));
      Files.delete(blocked);
      shards.unpersist(true);
    }
    assertThat(files(shards)).isEmpty();
  }

  /** Rows of several pieces and blocks, with the last ones short. */
  @Test
  void formatCountsBeyondTwoGigabytes() {
    RowFormat format = new RowFormat(256, 512L << 20);
    assertThat(format.blockRows()).isEqualTo(65_536);
    assertThat(RowFile.bytes(format, 40_000_000_000L))
        .isEqualTo(40_000_000_000L * 256 + 610_352L * 4 + 16);
    Shard.Extent extent = format.extent(40_000_000_000L);
    assertThat(extent.windowBlocks()).isEqualTo(31);
    assertThat(new RowFormat(2 << 20, 1).extent(7)).isEqualTo(new Shard.Extent(7, 1, 1));
    assertThat(new RowFormat(1, Long.MAX_VALUE).extent(7).windowBlocks()).isEqualTo(127);
    assertThat(Arrays.asList(extent.rows(), (long) extent.blockRows()))
        .containsExactly(40_000_000_000L, 65_536L);
  }
}
