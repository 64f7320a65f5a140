package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.realnvp.spark.failure.InvalidInputException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicOutputTest extends AtomicOutputContract {
  @TempDir private java.nio.file.Path temp;

  /** A local disk that cannot rename temporaries. */
  public static final class StuckFileSystem extends LocalFileSystem {
    @Override
    public boolean rename(Path from, Path to) throws IOException {
      return !from.getName().contains(".tmp-") && super.rename(from, to);
    }
  }

  @Override
  Path folder() {
    return new Path(temp.toUri());
  }

  @Test
  void failingRenamePutsTheOldOneBack() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    Configuration stuck = new Configuration();
    stuck.setClass("fs.file.impl", StuckFileSystem.class, FileSystem.class);
    stuck.setBoolean("fs.file.impl.disable.cache", true);
    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicOutput.write(
                    stuck,
                    target.toString(),
                    SaveMode.Overwrite,
                    KIND,
                    path -> fill(new Path(path), "new")))
        .withMessageStartingWith("Could not rename ");
    assertOnly("old");
  }

  /** A local disk that knows which of a run's other files it was asked about. */
  public static final class CountingFileSystem extends LocalFileSystem {
    private static final List<String> ASKED = new CopyOnWriteArrayList<>();

    public CountingFileSystem() {
      super(
          new RawLocalFileSystem() {
            @Override
            public FileStatus getFileStatus(Path file) throws IOException {
              ASKED.add(file.getName());
              return super.getFileStatus(file);
            }
          });
    }
  }

  @Test
  void itsSiblingsAreNotLookedAt() throws IOException {
    Configuration counting = new Configuration();
    counting.setClass("fs.file.impl", CountingFileSystem.class, FileSystem.class);
    counting.setBoolean("fs.file.impl.disable.cache", true);
    for (int i = 0; i < 3; i++) {
      fileSystem.mkdirs(new Path(run, "sibling-" + i));
    }
    AtomicOutput.check(counting, target.toString(), SaveMode.ErrorIfExists, KIND);
    assertThat(CountingFileSystem.ASKED)
        .contains(target.getName())
        .noneMatch(name -> name.startsWith("sibling-"));
  }

  @Test
  void oldOneComesBackIfTheProgramWasKilledBetweenTheRenames() throws IOException {
    fill(new Path(run, ".images.old-1"), "old");
    fill(new Path(run, ".images.tmp-1"), "new");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> AtomicOutput.check(hadoop, target.toString(), SaveMode.ErrorIfExists, KIND));
    assertOnly("old");
  }
}
