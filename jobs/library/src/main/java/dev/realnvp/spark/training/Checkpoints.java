package dev.realnvp.spark.training;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder, on any Hadoop file system, where a training keeps its last checkpoints. A file's name
 * has a hash of what the training is (its identity), so that another training's files in the same
 * folder are left alone, and then epoch and step. A file that a killed program did not complete is
 * told by its length and checksum, and the one before it is used. The trainings of a name in a
 * folder are one at a time; whoever starts one sees to that.
 */
public final class Checkpoints {

  /** What the identity calls the number of workers. */
  static final String WORKERS = "workers";

  private static final String SUFFIX = ".ckpt";

  private final Configuration hadoop;
  private final Path folder;
  private final String name;
  private final int everyRounds;
  private final int keep;
  private final Map<String, String> identity;

  /**
   * @param folder any Hadoop URI; made when the first checkpoint is
   * @param name of the kind of training, which files start with
   * @param everyRounds how many rounds lie between two of them, at least 1; one is saved after each
   *     epoch besides
   * @param keep how many of the last ones stay, at least 1
   * @param identity what the training is: settings, data, versions. A checkpoint of another
   *     identity is refused, in these words
   */
  public Checkpoints(
      Configuration hadoop,
      String folder,
      String name,
      int everyRounds,
      int keep,
      Map<String, String> identity) {
    if (everyRounds < 1 || keep < 1) {
      throw new IllegalArgumentException(
          "Cannot keep %d checkpoints, one every %d rounds: expected at least 1 of each"
              .formatted(keep, everyRounds));
    }
    this.hadoop = hadoop;
    this.folder = new Path(folder);
    this.name = name;
    this.everyRounds = everyRounds;
    this.keep = keep;
    this.identity = new TreeMap<>(identity);
  }

  /** Adds to the identity what only the trainer knows. */
  void identify(Map<String, String> more) {
    identity.putAll(more);
  }

  String folder() {
    return folder.toString();
  }

  int everyRounds() {
    return everyRounds;
  }

  /**
   * The last checkpoint that can be used. The listener hears of each later one that cannot, and of
   * this one.
   */
  Optional<Checkpoint> latest(TrainingListener listener) throws IOException {
    for (FileStatus file : files()) {
      String path = file.getPath().toString();
      try (InputStream in = fileSystem().open(file.getPath())) {
        Checkpoint checkpoint = CheckpointFormat.read(identity, in, file.getLen());
        listener.resumed(path, checkpoint.tally().epoch(), checkpoint.tally().step());
        return Optional.of(checkpoint);
      } catch (CheckpointFormat.UnusableCheckpointException e) {
        listener.checkpointRefused(path, e.getMessage());
      } catch (IOException e) {
        listener.checkpointRefused(path, "unreadable: " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * The workers of the newest checkpoint of a training that is this one but for their number, as
   * far as its caller can tell. Empty if there is none.
   */
  public OptionalInt workers() {
    try {
      for (FileStatus file : files(fileSystem(), folder, name)) {
        try (InputStream in = fileSystem().open(file.getPath())) {
          Map<String, String> there = CheckpointFormat.readHeader(in, file.getLen()).identity();
          if (there.entrySet().containsAll(identity.entrySet())) {
            return OptionalInt.of(Integer.parseInt(there.get(WORKERS)));
          }
        } catch (IOException e) {
          // The one before it is used, as when the training goes on.
        }
      }
      return OptionalInt.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Saves a checkpoint, and deletes those of this training that are too many. */
  void write(Checkpoint checkpoint) throws IOException {
    Checkpoint.Tally at = checkpoint.tally();
    String name =
        String.format(
            Locale.ROOT, "%s-epoch%05d-step%08d%s", prefix(), at.epoch(), at.step(), SUFFIX);
    Path file = new Path(folder, name);
    try (OutputStream out = fileSystem().create(file, true)) {
      CheckpointFormat.write(identity, checkpoint, out);
    } catch (Throwable e) {
      // On a full disk what there is of it only takes room.
      deleteQuietly(file, e);
      throw e;
    }
    prune(file);
  }

  /**
   * Deletes those of this training's checkpoints that are too many. Those later than the one just
   * written are not counted: they could not be used, or the training would be further.
   */
  private void prune(Path written) throws IOException {
    List<FileStatus> usable =
        own().stream()
            .filter(file -> file.getPath().getName().compareTo(written.getName()) <= 0)
            .toList();
    for (FileStatus old : usable.subList(Math.min(keep, usable.size()), usable.size())) {
      fileSystem().delete(old.getPath(), false);
    }
  }

  /** Deletes this training's checkpoints, which nobody needs once the model is there. */
  public void delete() throws IOException {
    FileSystem files = fileSystem();
    if (!files.exists(folder)) {
      return;
    }
    for (FileStatus file : own()) {
      files.delete(file.getPath(), false);
    }
    if (files.listStatus(folder).length == 0) {
      files.delete(folder, false);
    }
  }

  /** This training's own first, the last one first. */
  private List<FileStatus> files() throws IOException {
    List<FileStatus> found = files(fileSystem(), folder, name);
    found.sort(
        Comparator.comparing(this::isOwn)
            .thenComparing(file -> file.getPath().getName())
            .reversed());
    return found;
  }

  /** All checkpoints in a folder of trainings of that name, the newest first. */
  static List<FileStatus> files(FileSystem fileSystem, Path folder, String name)
      throws IOException {
    List<FileStatus> found = new ArrayList<>();
    try {
      for (FileStatus file : fileSystem.listStatus(folder)) {
        String fileName = file.getPath().getName();
        if (file.isFile() && fileName.startsWith(name + "-") && fileName.endsWith(SUFFIX)) {
          found.add(file);
        }
      }
    } catch (FileNotFoundException e) {
      // There are none.
    }
    found.sort(
        Comparator.comparingLong(FileStatus::getModificationTime)
            .thenComparing(file -> file.getPath().getName())
            .reversed());
    return found;
  }

  private List<FileStatus> own() throws IOException {
    return files().stream().filter(this::isOwn).toList();
  }

  private void deleteQuietly(Path file, Throwable failure) {
    try {
      fileSystem().delete(file, false);
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private boolean isOwn(FileStatus file) {
    return file.getPath().getName().startsWith(prefix() + "-");
  }

  private String prefix() {
    CRC32C crc = new CRC32C();
    crc.update(identity.toString().getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%s-%08x", name, crc.getValue());
  }

  private FileSystem fileSystem() throws IOException {
    return folder.getFileSystem(hadoop);
  }
}
