package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Json;
import dev.realnvp.spark.training.state.NetworkState;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A checkpoint's file: a magic number, the format's version, the length of the header, the header
 * ({@link Header}, JSON), parameters and updater state (floats, little-endian), those of the best
 * epoch where it is kept, and the CRC-32C of all before it. Integers are big-endian.
 */
final class CheckpointFormat {

  private static final long MAGIC = 0x524e5650636b7074L; // RNVPckpt
  private static final int VERSION = 4;

  /** Magic number, version, length of the header. */
  private static final int FIRST = Long.BYTES + Integer.BYTES + Integer.BYTES;

  private static final int CHECKSUM = Long.BYTES;

  private CheckpointFormat() {}

  static void write(Map<String, String> identity, Checkpoint checkpoint, OutputStream to)
      throws IOException {
    Header about = Header.of(identity, checkpoint);
    byte[] header = Json.tree(about).toString().getBytes(StandardCharsets.UTF_8);
    CheckedOutputStream checked = new CheckedOutputStream(to, new CRC32C());
    DataOutputStream out = new DataOutputStream(checked);
    out.writeLong(MAGIC);
    out.writeInt(VERSION);
    out.writeInt(header.length);
    out.write(header);
    write(checkpoint.state(), out);
    if (about.best() != null && !about.bestIsState()) {
      write(checkpoint.best(), out);
    }
    out.writeLong(checked.getChecksum().getValue());
    out.flush();
  }

  private static void write(NetworkState state, DataOutputStream out) throws IOException {
    NetworkState.writeFloats(state.parameters(), false, out);
    NetworkState.writeFloats(state.updater(), false, out);
  }

  /**
   * Reads a checkpoint of the training of that identity.
   *
   * @param length of the file, by which lengths in it are judged before memory is taken
   * @throws UnusableCheckpointException if it is anything else, or torn
   */
  static Checkpoint read(Map<String, String> identity, InputStream from, long length)
      throws IOException {
    CheckedInputStream checked = new CheckedInputStream(from, new CRC32C());
    Header header = readHeader(checked, length);
    requireSame(header.identity(), identity);
    DataInputStream in = new DataInputStream(checked);
    try {
      NetworkState state = state(in, header, header.iteration(), header.epochs());
      Header.Counts counts = header.best();
      NetworkState best =
          header.bestIsState()
              ? state
              : counts == null ? null : state(in, header, counts.iteration(), counts.epochs());
      long checksum = checked.getChecksum().getValue();
      if (in.readLong() != checksum) {
        throw new UnusableCheckpointException("damaged: its checksum is not that of its content");
      }
      return new Checkpoint(state, header.tally(), header.history(), header.rewinds(), best);
    } catch (EOFException e) {
      throw new UnusableCheckpointException("torn: it ends too soon");
    }
  }

  private static NetworkState state(DataInputStream in, Header header, int iteration, int epochs)
      throws IOException {
    return new NetworkState(
        NetworkState.readFloats(in, header.parameters(), false),
        NetworkState.readFloats(in, header.updater(), false),
        iteration,
        epochs);
  }

  /**
   * Reads a checkpoint's header alone, of whichever training.
   *
   * @param length of the file
   * @throws UnusableCheckpointException if the file is no checkpoint, or is cut
   */
  static Header readHeader(InputStream from, long length) throws IOException {
    try {
      return header(new DataInputStream(from), length);
    } catch (EOFException e) {
      throw new UnusableCheckpointException("torn: it ends too soon");
    }
  }

  private static Header header(DataInputStream in, long length) throws IOException {
    if (in.readLong() != MAGIC) {
      throw new UnusableCheckpointException("no checkpoint of this program");
    }
    int version = in.readInt();
    if (version != VERSION) {
      throw new UnusableCheckpointException(
          "of format %d, expected %d".formatted(version, VERSION));
    }
    int size = in.readInt();
    if (size < 0 || size > length - FIRST) {
      throw new UnusableCheckpointException(
          "torn: it has %,d bytes, and a header of %,d".formatted(length, size));
    }
    byte[] json = in.readNBytes(size);
    Header header;
    try {
      header = Json.read(new String(json, StandardCharsets.UTF_8), Header.class, "");
    } catch (IllegalArgumentException e) {
      throw new UnusableCheckpointException("damaged: its header cannot be read");
    }
    long expected = FIRST + size + Float.BYTES * header.values() + CHECKSUM;
    if (header.parameters() < 0 || header.updater() < 0 || expected != length) {
      throw new UnusableCheckpointException(
          "torn: it has %,d bytes, expected %,d".formatted(length, expected));
    }
    return header;
  }

  /** All that differs, as {@code flow.epochs was 20, is 5}. */
  private static void requireSame(Map<String, String> there, Map<String, String> here)
      throws UnusableCheckpointException {
    TreeSet<String> keys = new TreeSet<>(there.keySet());
    keys.addAll(here.keySet());
    String differences =
        keys.stream()
            .filter(key -> !String.valueOf(there.get(key)).equals(String.valueOf(here.get(key))))
            .map(key -> "%s was %s, is %s".formatted(key, there.get(key), here.get(key)))
            .collect(Collectors.joining("; "));
    if (!differences.isEmpty()) {
      throw new UnusableCheckpointException("of another training: " + differences);
    }
  }

  /**
   * A checkpoint without its arrays, as JSON.
   *
   * @param identity of the training
   * @param parameters how many there are
   * @param updater how many values the updater's state has
   * @param iteration steps that the network has done
   * @param epochs epochs that the network has done
   * @param best the same counts of the best epoch's state; null where there is none
   */
  record Header(
      Map<String, String> identity,
      int parameters,
      int updater,
      int iteration,
      int epochs,
      Checkpoint.Tally tally,
      List<EpochStats> history,
      int rewinds,
      Counts best) {

    /** What the network of a state has done. */
    record Counts(int iteration, int epochs) {}

    Header {
      Objects.requireNonNull(identity, "identity");
      Objects.requireNonNull(tally, "tally");
      Objects.requireNonNull(history, "history");
    }

    static Header of(Map<String, String> identity, Checkpoint checkpoint) {
      NetworkState state = checkpoint.state();
      return new Header(
          identity,
          state.parameters().length,
          state.updater().length,
          state.iteration(),
          state.epoch(),
          checkpoint.tally(),
          checkpoint.history(),
          checkpoint.rewinds(),
          checkpoint.best() == null
              ? null
              : new Counts(checkpoint.best().iteration(), checkpoint.best().epoch()));
    }

    /** Whether the best epoch is the last one, so that there is one state. */
    boolean bestIsState() {
      return best != null && best.iteration() == iteration && best.epochs() == epochs;
    }

    /** How many values follow the header. */
    long values() {
      return (best == null || bestIsState() ? 1L : 2L) * ((long) parameters + updater);
    }
  }

  /** A file that a training cannot go on from; the message says what it is instead. */
  static final class UnusableCheckpointException extends IOException {

    UnusableCheckpointException(String message) {
      super(message);
    }
  }
}
