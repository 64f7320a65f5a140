package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * How far a training is that is not done, by its newest checkpoint. It may be going on, or have
 * been interrupted.
 *
 * @param saved when
 * @param epoch that is going on, counted from 1
 * @param step how many minibatches of it each worker has done
 * @param history of the epochs before it
 */
public record SavedProgress(Instant saved, int epoch, int step, List<EpochStats> history) {

  /**
   * The newest of the checkpoints that can be read, of whichever settings and data.
   *
   * @param folder and
   * @param name as in {@link Checkpoints}
   * @return empty where there is none
   */
  public static Optional<SavedProgress> newest(Configuration hadoop, String folder, String name)
      throws IOException {
    Path path = new Path(folder);
    FileSystem fileSystem = path.getFileSystem(hadoop);
    for (FileStatus file : Checkpoints.files(fileSystem, path, name)) {
      try (InputStream in = fileSystem.open(file.getPath())) {
        CheckpointFormat.Header header = CheckpointFormat.readHeader(in, file.getLen());
        return Optional.of(
            new SavedProgress(
                Instant.ofEpochMilli(file.getModificationTime()),
                header.tally().epoch(),
                header.tally().step(),
                header.history()));
      } catch (IOException e) {
        // The training writes and deletes them meanwhile, and a damaged one tells nothing.
      }
    }
    return Optional.empty();
  }
}
