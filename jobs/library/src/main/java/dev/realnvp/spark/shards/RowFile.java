package dev.realnvp.spark.shards;

import dev.realnvp.spark.failure.RetryableException;
import dev.realnvp.spark.training.rows.Shard;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.spark.storage.StorageUtils;

/**
 * A file of rows of equal length, mapped into memory in pieces of whole blocks. After the rows come
 * the CRC-32C of each block, and the trailer: number of rows, bytes per row, and the CRC-32C of all
 * that follows the rows. Numbers are little-endian.
 *
 * <p>For one thread. Closing it unmaps the pieces, so that the disk space of a deleted file is free
 * at once; no row can be read any more.
 */
public final class RowFile implements Closeable {

  private static final int PIECE_BYTES = 1 << 30;
  private static final int TRAILER_BYTES = Long.BYTES + Integer.BYTES + Integer.BYTES;

  private final File file;
  private final RowFormat format;
  private final long rows;
  private final long rowsPerPiece;
  private final ByteBuffer checksums;
  private final Runnable whenDamaged;
  private ByteBuffer[] pieces;

  private RowFile(
      File file,
      RowFormat format,
      long rows,
      ByteBuffer checksums,
      ByteBuffer[] pieces,
      Runnable whenDamaged) {
    this.file = file;
    this.format = format;
    this.rows = rows;
    this.rowsPerPiece = rowsPerPiece(format);
    this.checksums = checksums;
    this.pieces = pieces;
    this.whenDamaged = whenDamaged;
  }

  private static long rowsPerPiece(RowFormat format) {
    return (long) Math.max(1, PIECE_BYTES / format.blockBytes()) * format.blockRows();
  }

  private static long blocks(RowFormat format, long rows) {
    return (rows + format.blockRows() - 1) / format.blockRows();
  }

  /** The bytes of a file of so many rows. */
  static long bytes(RowFormat format, long rows) {
    return rows * format.rowBytes() + blocks(format, rows) * Integer.BYTES + TRAILER_BYTES;
  }

  /**
   * Opens a file, and checks its length and its trailer.
   *
   * @param rows that it must have
   * @param whenDamaged called before a later check fails
   * @throws RetryableException if it has others, or is damaged
   * @throws IOException if it cannot be read
   */
  static RowFile open(File file, RowFormat format, long rows, Runnable whenDamaged)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ)) {
      long end = rows * format.rowBytes();
      if (channel.size() != bytes(format, rows)) {
        throw damaged(
            file,
            "it has %d bytes, expected %d".formatted(channel.size(), bytes(format, rows)),
            null);
      }
      ByteBuffer tail =
          ByteBuffer.allocate(Math.toIntExact(channel.size() - end)).order(ByteOrder.LITTLE_ENDIAN);
      while (tail.hasRemaining() && channel.read(tail, end + tail.position()) >= 0) {}
      int trailer = tail.limit() - TRAILER_BYTES;
      if (tail.getLong(trailer) != rows
          || tail.getInt(trailer + Long.BYTES) != format.rowBytes()
          || tail.getInt(tail.limit() - Integer.BYTES)
              != checksum(tail.duplicate().position(0).limit(tail.limit() - Integer.BYTES))) {
        throw damaged(file, "its trailer is another one", null);
      }
      return new RowFile(file, format, rows, tail, map(channel, format, end), whenDamaged);
    }
  }

  private static ByteBuffer[] map(FileChannel channel, RowFormat format, long end)
      throws IOException {
    long pieceBytes = rowsPerPiece(format) * format.rowBytes();
    ByteBuffer[] pieces = new ByteBuffer[Math.toIntExact((end + pieceBytes - 1) / pieceBytes)];
    for (int i = 0; i < pieces.length; i++) {
      long from = i * pieceBytes;
      pieces[i] =
          channel
              .map(FileChannel.MapMode.READ_ONLY, from, Math.min(pieceBytes, end - from))
              .order(ByteOrder.LITTLE_ENDIAN);
    }
    return pieces;
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static RetryableException damaged(File file, String what, Throwable cause) {
    return new RetryableException(
        "the rows in %s were damaged after they were written (%s): check that disk"
            .formatted(file, what),
        cause);
  }

  /** The piece that has a row. */
  public ByteBuffer piece(long row) {
    return pieces[(int) (row / rowsPerPiece)];
  }

  /** Where the row begins in its piece. */
  public int offset(long row) {
    return (int) (row % rowsPerPiece) * format.rowBytes();
  }

  /** The rows, as they are shuffled. */
  public Shard.Extent extent() {
    return format.extent(rows);
  }

  /**
   * Compares a block with its checksum.
   *
   * @throws RetryableException if it has changed since it was written, or cannot be read
   */
  public void verify(int block) {
    long first = (long) block * format.blockRows();
    int from = offset(first);
    int to = from + (int) Math.min(format.blockRows(), rows - first) * format.rowBytes();
    InternalError unreadable = null;
    try {
      if (checksum(piece(first).duplicate().limit(to).position(from))
          == checksums.getInt(block * Integer.BYTES)) {
        return;
      }
    } catch (InternalError e) {
      // So the JVM reports a mapped page that is not there: the file was cut, or the disk fails.
      unreadable = e;
    }
    whenDamaged.run();
    throw damaged(file, "block " + block, unreadable);
  }

  @Override
  public void close() {
    ByteBuffer[] mapped = pieces;
    pieces = null;
    if (mapped != null) {
      for (ByteBuffer piece : mapped) {
        StorageUtils.dispose(piece);
      }
    }
  }

  /** Writes a file, a block at a time. It is complete once {@link #finish} has returned. */
  static final class Writer implements Closeable {
    private final FileChannel channel;
    private final RowFormat format;
    private final ByteBuffer block;
    private int[] checksums = new int[16];
    private int blocks;
    private long rows;

    Writer(File file, RowFormat format) throws IOException {
      this.channel =
          FileChannel.open(
              file.toPath(),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      this.format = format;
      this.block = ByteBuffer.allocate(format.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Where the next row's bytes are to be put, all of them. */
    ByteBuffer next() throws IOException {
      if (!block.hasRemaining()) {
        flush();
      }
      rows++;
      return block;
    }

    private void flush() throws IOException {
      block.flip();
      if (blocks == checksums.length) {
        checksums = Arrays.copyOf(checksums, 2 * blocks);
      }
      checksums[blocks++] = checksum(block.duplicate());
      write(block);
      block.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    void finish() throws IOException {
      if (block.position() > 0) {
        flush();
      }
      if (channel.position() != rows * format.rowBytes()) {
        throw new IllegalStateException("A row has another length than its format says");
      }
      ByteBuffer tail =
          ByteBuffer.allocate(blocks * Integer.BYTES + TRAILER_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < blocks; i++) {
        tail.putInt(checksums[i]);
      }
      tail.putLong(rows).putInt(format.rowBytes());
      write(tail.putInt(checksum(tail.duplicate().flip())).flip());
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
