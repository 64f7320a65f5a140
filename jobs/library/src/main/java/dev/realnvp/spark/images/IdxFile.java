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
   * Reads the header, and checks the length if the file is not packed.
   *
   * @throws InvalidInputException if it is not such a file with so many dimensions, or is truncated
   *     or too long
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
      String uri = location.path().toString();
      try (DataInputStream in = stream(hadoop, new IdxFile(uri, name, packed, new int[rank]))) {
        IdxFile idx = new IdxFile(uri, name, packed, header(in, name, rank));
        if (!packed) {
          idx.checkLength(length);
        }
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
   * Reads a packed file to check its length, no further than its expected end; a file that is not
   * packed was checked when it was opened.
   *
   * @throws InvalidInputException if it is truncated, too long, or not valid gzip
   */
  void checkContent(Configuration hadoop) {
    if (!packed) {
      return;
    }
    long length = 0;
    try (InputStream in = stream(hadoop, this)) {
      byte[] buffer = new byte[BUFFER];
      for (int read = 0; read >= 0 && length <= expectedLength(); read = in.read(buffer)) {
        length += read;
      }
    } catch (EOFException e) {
      throw truncated(length, e);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
    checkLength(length);
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
    long offset = headerBytes(dimensions.length) + (long) row * rowBytes();
    if (packed) {
      DataInputStream in = stream(hadoop, this);
      in.skipNBytes(offset);
      return in;
    }
    Location location = Location.of(hadoop, file);
    FSDataInputStream in = location.fileSystem().open(location.path());
    in.seek(offset);
    return new DataInputStream(new BufferedInputStream(in, BUFFER));
  }

  private static DataInputStream stream(Configuration hadoop, IdxFile idx) throws IOException {
    Location location = Location.of(hadoop, idx.file);
    InputStream in = location.fileSystem().open(location.path());
    if (!idx.packed) {
      return new DataInputStream(new BufferedInputStream(in, BUFFER));
    }
    try {
      return new DataInputStream(new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static InvalidInputException unreadable(String name, IOException e) {
    String reason = e instanceof EOFException ? "it is truncated" : e.getMessage();
    return new InvalidInputException("Cannot read " + name + ": " + reason, e);
  }
}
