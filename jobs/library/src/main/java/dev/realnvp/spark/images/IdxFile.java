package dev.realnvp.spark.images;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * An IDX file of bytes, packed with gzip or not; its content tells. It starts with 00 00 08 and the
 * number of dimensions, then has each dimension as four bytes, most significant first, then the
 * values.
 *
 * @param file its Hadoop URI
 * @param name its name in messages
 * @param packed whether it is gzip
 * @param dimensions its sizes: {@code [N]} labels, {@code [N, H, W]} images
 */
record IdxFile(String file, String name, boolean packed, int[] dimensions) implements Serializable {
  private static final int MAGIC = 0x0800;
  private static final int BUFFER = 1 << 16;

  /**
   * Reads the header and checks the length, for which a packed file is read to its expected end.
   *
   * @throws InvalidInputException if it is not such a file with so many dimensions, is truncated or
   *     too long, or not valid gzip
   */
  static IdxFile open(Configuration hadoop, Location location, int rank) {
    String name = location.display();
    try {
      long length = location.fileSystem().getFileStatus(location.path()).getLen();
      if (length == 0) {
        throw new InvalidInputException(name + " is empty: expected an IDX file");
      }
      boolean packed;
      try (InputStream in = location.fileSystem().open(location.path())) {
        packed = in.read() == 0x1f && in.read() == 0x8b;
      }
      try (DataInputStream in = stream(location, packed, 0)) {
        IdxFile idx = new IdxFile(location.path().toString(), name, packed, header(in, name, rank));
        idx.checkLength(packed ? idx.unpackedLength(in) : length);
        return idx;
      }
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static int[] header(DataInputStream in, String name, int rank) throws IOException {
    try {
      int magic = in.readInt();
      if (magic != MAGIC + rank) {
        throw new InvalidInputException(
            "%s is not an IDX file of %s: it starts with %08x, expected %08x"
                .formatted(name, rank == 1 ? "labels" : "images", magic, MAGIC + rank));
      }
      int[] dimensions = new int[rank];
      for (int i = 0; i < rank; i++) {
        dimensions[i] = in.readInt();
        if (dimensions[i] < 1) {
          throw new InvalidInputException(
              "%s has dimension %d of size %d, expected at least 1"
                  .formatted(name, i, dimensions[i]));
        }
      }
      if (rank == 3 && dimensions[1] > Integer.MAX_VALUE / dimensions[2]) {
        throw new InvalidInputException(
            "%s has images of %d x %d, expected less than 2 GB each"
                .formatted(name, dimensions[1], dimensions[2]));
      }
      return dimensions;
    } catch (EOFException e) {
      throw new InvalidInputException(
          "%s is truncated: it ends inside the header of %d bytes"
              .formatted(name, headerBytes(rank)),
          e);
    }
  }

  /**
   * Counts the bytes up to the expected end, or one buffer beyond it.
   *
   * @param in behind the header
   */
  private long unpackedLength(InputStream in) throws IOException {
    long length = headerBytes(dimensions.length);
    try {
      byte[] buffer = new byte[BUFFER];
      for (int read = 0; read >= 0 && length <= expectedLength(); read = in.read(buffer)) {
        length += read;
      }
      return length;
    } catch (EOFException e) {
      throw truncated(length, e);
    }
  }

  private void checkLength(long length) {
    if (length < expectedLength()) {
      throw truncated(length, null);
    }
    if (length > expectedLength()) {
      throw new InvalidInputException(
          "%s is too long: %s%d bytes%s, expected %d for its dimensions %s"
              .formatted(
                  name,
                  packed ? "at least " : "",
                  length,
                  unpacked(),
                  expectedLength(),
                  Arrays.toString(dimensions)));
    }
  }

  private InvalidInputException truncated(long length, Throwable cause) {
    return new InvalidInputException(
        "%s is truncated: %d bytes%s, expected %d for its dimensions %s"
            .formatted(name, length, unpacked(), expectedLength(), Arrays.toString(dimensions)),
        cause);
  }

  private String unpacked() {
    return packed ? " when unpacked" : "";
  }

  /** The number of labels or images. */
  int rows() {
    return dimensions[0];
  }

  /** Bytes per label or image. */
  int rowBytes() {
    return Arrays.stream(dimensions).skip(1).reduce(1, (a, b) -> a * b);
  }

  private long expectedLength() {
    return headerBytes(dimensions.length) + (long) rows() * rowBytes();
  }

  private static long headerBytes(int rank) {
    return 4L + 4L * rank;
  }

  /** The values from a row on. A file that is not packed is read only from there on. */
  DataInputStream rowsFrom(Configuration hadoop, int row) throws IOException {
    return stream(
        Location.of(hadoop, file),
        packed,
        headerBytes(dimensions.length) + (long) row * rowBytes());
  }

  private static DataInputStream stream(Location location, boolean packed, long offset)
      throws IOException {
    FSDataInputStream file = location.fileSystem().open(location.path());
    try {
      if (!packed) {
        file.seek(offset);
      }
      InputStream in = packed ? new GZIPInputStream(file, BUFFER) : file;
      DataInputStream values = new DataInputStream(new BufferedInputStream(in, BUFFER));
      if (packed) {
        values.skipNBytes(offset);
      }
      return values;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static InvalidInputException unreadable(String name, IOException e) {
    String reason = e instanceof EOFException ? "it is truncated" : e.getMessage();
    return new InvalidInputException("Cannot read " + name + ": " + reason, e);
  }
}
