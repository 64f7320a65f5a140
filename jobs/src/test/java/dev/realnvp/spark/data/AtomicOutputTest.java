package dev.realnvp.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicOutputTest {
  private final Configuration hadoop = new Configuration();
  @TempDir private Path temp;
  private Path run;
  private Path target;

  /** A local disk that cannot rename temporaries. */
  public static final class StuckFileSystem extends LocalFileSystem {
    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      return !from.getName().contains(".tmp-") && super.rename(from, to);
    }
  }

  @BeforeEach
  void names() {
    run = temp.resolve("a run");
    target = run.resolve("images");
  }

  private void write(Existing policy, String content) throws IOException {
    AtomicOutput.write(hadoop, target.toString(), policy, temporary -> fill(temporary, content));
  }

  private static void fill(String temporary, String content) throws IOException {
    Path folder = Files.createDirectory(local(temporary));
    Files.writeString(folder.resolve("part-0"), content);
  }

  private static Path local(String temporary) {
    return Path.of(new org.apache.hadoop.fs.Path(temporary).toUri().getPath());
  }

  private void assertOnly(String content) throws IOException {
    assertThat(target.resolve("part-0")).hasContent(content);
    assertThat(names(run)).containsExactly("images");
    assertThat(names(target)).containsExactly("part-0");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void appearsWhenComplete() throws IOException {
    AtomicOutput.write(
        hadoop,
        target.toString(),
        Existing.REFUSE,
        temporary -> {
          fill(temporary, "new");
          assertThat(target).doesNotExist();
          assertThat(local(temporary).getParent()).isEqualTo(run);
          assertThat(local(temporary).getFileName().toString()).startsWith(".images.tmp-");
        });
    assertOnly("new");
  }

  @Test
  void filesToo() throws IOException {
    Path file = run.resolve("metrics.json");
    for (String content : List.of("first", "second")) {
      AtomicOutput.write(
          hadoop,
          file.toString(),
          Existing.REPLACE,
          temporary -> Files.writeString(local(temporary), content));
      assertThat(file).hasContent(content);
    }
    assertThat(names(run)).containsExactly("metrics.json");
  }

  @Test
  void existsOnceItIsThereAndComesBackForTheQuestion() throws IOException {
    assertThat(AtomicOutput.exists(hadoop, target.toString())).isFalse();
    Files.createDirectories(target);
    assertThat(AtomicOutput.exists(hadoop, target.toString())).isFalse();
    write(Existing.REFUSE, "old");
    assertThat(AtomicOutput.exists(hadoop, target.toString())).isTrue();
    Files.move(target, run.resolve(".images.old-1"));
    assertThat(AtomicOutput.exists(hadoop, target.toString())).isTrue();
    assertOnly("old");
  }

  @Test
  void existingIsRefusedBeforeAnyWork() throws IOException {
    write(Existing.REFUSE, "old");
    String message = "Output " + target + " exists already: use --overwrite to replace it";
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AtomicOutput.check(hadoop, target.toString(), Existing.REFUSE))
        .withMessage(message);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                AtomicOutput.write(
                    hadoop,
                    target.toString(),
                    Existing.REFUSE,
                    temporary -> {
                      throw new AssertionError("called");
                    }))
        .withMessage(message);
    AtomicOutput.check(hadoop, target.toString(), Existing.REPLACE);
    assertOnly("old");
  }

  @Test
  void whatAppearsDuringTheWorkIsRefusedToo() throws IOException {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                AtomicOutput.write(
                    hadoop,
                    target.toString(),
                    Existing.REFUSE,
                    temporary -> {
                      fill(temporary, "new");
                      fill(target.toString(), "other");
                    }));
    assertOnly("other");
  }

  @Test
  void emptyFolderIsNoOutput() throws IOException {
    Files.createDirectories(target);
    AtomicOutput.check(hadoop, target.toString(), Existing.REFUSE);
    write(Existing.REFUSE, "new");
    assertOnly("new");
  }

  @Test
  void replaces() throws IOException {
    write(Existing.REFUSE, "old");
    write(Existing.REPLACE, "new");
    assertOnly("new");
  }

  @Test
  void failingWriterLeavesTheOldOne() throws IOException {
    write(Existing.REFUSE, "old");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                AtomicOutput.write(
                    hadoop,
                    target.toString(),
                    Existing.REPLACE,
                    temporary -> {
                      fill(temporary, "half");
                      throw new IllegalStateException("disk full");
                    }))
        .withMessage("disk full");
    assertOnly("old");
  }

  @Test
  void failingRenamePutsTheOldOneBack() throws IOException {
    write(Existing.REFUSE, "old");
    Configuration stuck = new Configuration();
    stuck.setClass("fs.file.impl", StuckFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    stuck.setBoolean("fs.file.impl.disable.cache", true);
    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicOutput.write(
                    stuck, target.toString(), Existing.REPLACE, path -> fill(path, "new")))
        .withMessageStartingWith("Could not rename ");
    assertOnly("old");
  }

  @Test
  void writerThatWritesNothingIsAnError() throws IOException {
    write(Existing.REFUSE, "old");
    assertThatIOException()
        .isThrownBy(
            () -> AtomicOutput.write(hadoop, target.toString(), Existing.REPLACE, temporary -> {}))
        .withMessageStartingWith("Nothing was written for " + target);
    assertOnly("old");
  }

  @Test
  void leftoversOfAKilledProgramGo() throws IOException {
    write(Existing.REFUSE, "old");
    fill(run.resolve(".images.tmp-1").toString(), "half");
    fill(run.resolve(".images.old-1").toString(), "older");
    fill(run.resolve(".images2.tmp-1").toString(), "of another");
    AtomicOutput.check(hadoop, target.toString(), Existing.REPLACE);
    assertThat(names(run)).containsExactlyInAnyOrder("images", ".images2.tmp-1");
    assertThat(target.resolve("part-0")).hasContent("old");
  }

  @Test
  void oldOneComesBackIfTheProgramWasKilledBetweenTheRenames() throws IOException {
    Files.createDirectories(run);
    fill(run.resolve(".images.old-1").toString(), "old");
    fill(run.resolve(".images.tmp-1").toString(), "new");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AtomicOutput.check(hadoop, target.toString(), Existing.REFUSE));
    assertOnly("old");
  }

  @Test
  void rootIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AtomicOutput.check(hadoop, "file:///", Existing.REPLACE))
        .withMessage("Cannot write to 'file:///': it is the root folder");
  }
}
