package dev.realnvp.spark.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.function.IOConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SaveMode;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds on every file system. */
abstract class AtomicOutputContract {
  static final String KIND = "images";

  private static final String MANIFEST = "_manifest.json";

  final Configuration hadoop = new Configuration();
  FileSystem fileSystem;
  Path run;
  Path target;

  /** A folder of the file system, for this test alone. */
  abstract Path folder() throws IOException;

  @BeforeEach
  final void names() throws IOException {
    run = new Path(folder(), "a run");
    target = new Path(run, "images");
    fileSystem = run.getFileSystem(hadoop);
  }

  final void write(SaveMode policy, String content) throws IOException {
    write(policy, temporary -> fill(new Path(temporary), content));
  }

  private void write(SaveMode policy, IOConsumer<String> writer) throws IOException {
    AtomicOutput.write(hadoop, target.toString(), policy, KIND, writer);
  }

  private void check(SaveMode policy) throws IOException {
    AtomicOutput.check(hadoop, target.toString(), policy, KIND);
  }

  private boolean exists() throws IOException {
    return AtomicOutput.exists(hadoop, target.toString());
  }

  /** A folder of two files, of a folder of one, and of a manifest. */
  final void fill(Path folder, String content) throws IOException {
    writeFile(new Path(folder, "part-0"), content);
    writeFile(new Path(folder, "part-1"), content);
    writeFile(new Path(folder, "inner/part-2"), content);
    writeFile(new Path(folder, MANIFEST), manifest(KIND));
  }

  private static String manifest(String kind) {
    return Manifest.builder(kind).id("").from("", Map.of()).build().toJson();
  }

  final void writeFile(Path file, String content) throws IOException {
    try (FSDataOutputStream out = fileSystem.create(file)) {
      out.writeBytes(content);
    }
  }

  final String content(Path file) throws IOException {
    try (FSDataInputStream in = fileSystem.open(file)) {
      return IOUtils.toString(in, "UTF-8");
    }
  }

  final List<String> names(Path folder) throws IOException {
    return Arrays.stream(fileSystem.listStatus(folder))
        .map(status -> status.getPath().getName())
        .toList();
  }

  final void assertWhole(String content) throws IOException {
    assertThat(names(target)).containsExactlyInAnyOrder("part-0", "part-1", "inner", MANIFEST);
    for (String file : List.of("part-0", "part-1", "inner/part-2")) {
      assertThat(content(new Path(target, file))).isEqualTo(content);
    }
    new Location(fileSystem, target).requireComplete();
  }

  final void assertOnly(String content) throws IOException {
    assertWhole(content);
    assertThat(names(run)).containsExactly("images");
  }

  @Test
  void appearsWhenComplete() throws IOException {
    write(
        SaveMode.ErrorIfExists,
        temporary -> {
          fill(new Path(temporary), "new");
          assertThat(fileSystem.exists(target)).isFalse();
          assertThat(new Path(temporary).getParent()).isEqualTo(fileSystem.makeQualified(run));
          assertThat(new Path(temporary).getName()).startsWith(".images.tmp-");
        });
    assertOnly("new");
  }

  @Test
  void filesToo() throws IOException {
    Path file = new Path(run, "metrics.json");
    for (String content : List.of("first", "second")) {
      AtomicOutput.write(
          hadoop,
          file.toString(),
          SaveMode.Overwrite,
          AtomicOutput.FILE,
          temporary -> writeFile(new Path(temporary), content));
      assertThat(content(file)).isEqualTo(content);
    }
    assertThat(names(run)).containsExactly("metrics.json");
  }

  @Test
  void anythingElseIsNotReplaced() throws IOException {
    Path scores = new Path(run, "scores");
    writeFile(new Path(scores, MANIFEST), manifest("scores"));
    writeFile(new Path(run, "notes/todo.txt"), "mine");
    writeFile(new Path(run, "site/manifest.json"), "{");
    Map<Path, String> others =
        Map.of(
            scores,
            "scores",
            run,
            "a folder that is no output of this project",
            new Path(run, "notes"),
            "a folder that is no output of this project",
            new Path(run, "notes/todo.txt"),
            "a file",
            new Path(run, "site"),
            "a folder with another manifest.json");
    for (Map.Entry<Path, String> other : others.entrySet()) {
      for (SaveMode policy : List.of(SaveMode.Overwrite, SaveMode.ErrorIfExists)) {
        assertRefused(other.getKey(), policy, KIND, other.getValue());
      }
    }
    assertRefused(scores, SaveMode.Overwrite, AtomicOutput.FILE, "scores");
    Path part = new Path(scores, MANIFEST);
    assertRefused(part, SaveMode.Overwrite, AtomicOutput.FILE, "part of " + display(scores));
    assertThat(content(new Path(run, "notes/todo.txt"))).isEqualTo("mine");
  }

  private String display(Path path) {
    return new Location(fileSystem, fileSystem.makeQualified(path)).display();
  }

  private void assertRefused(Path other, SaveMode policy, String kind, String found) {
    String message =
        "Output %s exists already and is %s, which %s does not replace: name another place, or move it away"
            .formatted(display(other), found, kind);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AtomicOutput.check(hadoop, other.toString(), policy, kind))
        .withMessage(message);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AtomicOutput.write(hadoop, other.toString(), policy, kind, path -> {}))
        .withMessage(message);
  }

  @Test
  void existsOnceItIsThereAndComesBackForTheQuestion() throws IOException {
    assertThat(exists()).isFalse();
    fileSystem.mkdirs(target);
    assertThat(exists()).isFalse();
    write(SaveMode.ErrorIfExists, "old");
    assertThat(exists()).isTrue();
    fileSystem.rename(target, new Path(run, ".images.old-1"));
    assertThat(exists()).isTrue();
    assertOnly("old");
  }

  @Test
  void existingIsRefusedBeforeAnyWork() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    String message =
        "Output %s exists already: use --overwrite to replace it"
            .formatted(Location.display(fileSystem.makeQualified(target)));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> check(SaveMode.ErrorIfExists))
        .withMessage(message);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                write(
                    SaveMode.ErrorIfExists,
                    temporary -> {
                      throw new AssertionError("called");
                    }))
        .withMessage(message);
    check(SaveMode.Overwrite);
    assertOnly("old");
  }

  @Test
  void whatAppearsDuringTheWorkIsRefusedToo() throws IOException {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                write(
                    SaveMode.ErrorIfExists,
                    temporary -> {
                      fill(new Path(temporary), "new");
                      fill(target, "other");
                    }));
    assertOnly("other");
  }

  @Test
  void emptyFolderIsNoOutput() throws IOException {
    fileSystem.mkdirs(target);
    check(SaveMode.ErrorIfExists);
    write(SaveMode.ErrorIfExists, "new");
    assertOnly("new");
  }

  @Test
  void replaces() throws IOException {
    fill(target, "old");
    writeFile(new Path(target, "part-2/inner"), "old");
    write(SaveMode.Overwrite, "new");
    assertOnly("new");
  }

  @Test
  void failingWriterLeavesTheOldOne() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                write(
                    SaveMode.Overwrite,
                    temporary -> {
                      fill(new Path(temporary), "half");
                      throw new IllegalStateException("disk full");
                    }))
        .withMessage("disk full");
    assertOnly("old");
  }

  @Test
  void writerThatWritesNothingIsAnError() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    assertThatIOException()
        .isThrownBy(() -> write(SaveMode.Overwrite, temporary -> {}))
        .withMessageStartingWith("Nothing was written for ");
    assertOnly("old");
  }

  @Test
  void leftoversOfAKilledProgramGo() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    fill(new Path(run, ".images.tmp-1"), "half");
    fill(new Path(run, ".images.old-1"), "older");
    fill(new Path(run, ".images2.tmp-1"), "of another");
    check(SaveMode.Overwrite);
    assertThat(names(run)).containsExactlyInAnyOrder("images", ".images2.tmp-1");
    assertWhole("old");
  }

  /** Runs it beside this thread, as another writer of this process. */
  private static Throwable beside(ThrowingCallable work) {
    return CompletableFuture.supplyAsync(() -> Assertions.catchThrowable(work)).join();
  }

  @Test
  void aSecondWriterIsRefusedAndHarmsNothing() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    fileSystem.rename(target, new Path(run, ".images.old-1"));
    write(
        SaveMode.Overwrite,
        temporary -> {
          fill(new Path(temporary), "new");
          // As between the two renames.
          fileSystem.rename(target, new Path(run, ".images.old-2"));
          List<ThrowingCallable> others =
              List.of(
                  () -> write(SaveMode.Overwrite, "other"),
                  () -> check(SaveMode.Overwrite),
                  () -> exists());
          for (ThrowingCallable other : others) {
            assertThat(beside(other))
                .isInstanceOf(OutputInUseException.class)
                .hasMessageMatching(
                    "Output .*a run/images is being written by .+ \\(process "
                        + ProcessHandle.current().pid()
                        + " on host .+, since .+ UTC\\): wait for it, or write to another place");
          }
          assertThat(names(run)).contains(".images.old-2", new Path(temporary).getName());
          assertThat(names(new Path(temporary))).hasSize(4);
          fileSystem.rename(new Path(run, ".images.old-2"), target);
        });
    assertOnly("new");
  }

  /** The claim of this process goes, as when another writer took it for dead. */
  private void loseTheLease() throws IOException {
    for (String name : names(run)) {
      if (name.startsWith(".images.lease-")) {
        fileSystem.delete(new Path(run, name), false);
      }
    }
  }

  @Test
  void whoStoodStillForTooLongPutsNothingInPlace() throws IOException {
    write(SaveMode.ErrorIfExists, "old");
    for (boolean alreadyTidied : List.of(false, true)) {
      assertThatExceptionOfType(OutputInUseException.class)
          .isThrownBy(
              () ->
                  write(
                      SaveMode.Overwrite,
                      temporary -> {
                        fill(new Path(temporary), "new");
                        loseTheLease();
                        if (alreadyTidied) {
                          fileSystem.delete(new Path(temporary), true);
                          throw new FileNotFoundException(temporary);
                        }
                      }))
          .withMessageMatching(
              "Output .*images was given to another writer, since this process stood still for more"
                  + " than 60 s \\(setting output.lease-seconds\\): nothing was put in its place");
      assertOnly("old");
    }
  }

  @Test
  void aCheckedExceptionLeavesNoTemporary() throws IOException {
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(
            () ->
                write(
                    SaveMode.Overwrite,
                    temporary -> {
                      fill(new Path(temporary), "half");
                      sneak();
                    }));
    assertThat(fileSystem.exists(run)).as("the folder that was made for it").isFalse();
  }

  /** As Spark, which is written in Scala, throws it. */
  private static void sneak() {
    AtomicOutputContract.<RuntimeException>sneak(new TimeoutException());
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> void sneak(Exception e) throws E {
    throw (E) e;
  }

  @Test
  void rootIsRefused() {
    String root = fileSystem.getUri().resolve("/").toString();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> AtomicOutput.check(hadoop, root, SaveMode.Overwrite, KIND))
        .withMessage("Cannot write to '" + root + "': it is the root folder");
  }
}
