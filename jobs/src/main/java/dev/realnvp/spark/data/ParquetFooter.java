package dev.realnvp.spark.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.protocol.TProtocolUtil;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/**
 * The end of a Parquet file: the description of what is in it, its length, and PAR1. Parquet's own
 * parser takes the memory that damaged sizes ask for; Spark then waits for its answer forever, or
 * ends the executor. So these are compared with the file first.
 */
final class ParquetFooter {
  private static final String MAGIC = "PAR1";

  /** The description's length and the magic. */
  private static final int END_BYTES = 8;

  /** Structures within structures; Parquet's own go 8 deep. */
  private static final int MOST_DEPTH = 32;

  /** Thrift's number for a structure; the shaded copy has no names for them. */
  private static final byte STRUCT = 12;

  private ParquetFooter() {}

  /**
   * Checks a file's description.
   *
   * @throws IOException if it is damaged, or the file is no Parquet
   */
  static void check(Configuration hadoop, FileSystem fileSystem, FileStatus file)
      throws IOException {
    long length = file.getLen() - END_BYTES;
    if (length < MAGIC.length()) {
      throw new IOException("it is too short for Parquet: " + file.getLen() + " bytes");
    }
    long start;
    try (FSDataInputStream in = fileSystem.open(file.getPath())) {
      byte[] end = new byte[END_BYTES];
      in.readFully(length, end);
      if (!MAGIC.equals(
          new String(end, Integer.BYTES, MAGIC.length(), StandardCharsets.US_ASCII))) {
        throw new IOException("it does not end in " + MAGIC);
      }
      int size = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
      start = length - size;
      if (size < 0 || start < MAGIC.length()) {
        throw new IOException("its description has %d bytes, of %d".formatted(size, length));
      }
      byte[] description = new byte[size];
      in.readFully(start, description);
      walk(description);
    }
    checkPlaces(hadoop, file, start);
  }

  /** Goes through all fields, and makes nothing of them: every element takes a byte at least. */
  private static void walk(byte[] description) throws IOException {
    try {
      TProtocolUtil.skip(
          new TCompactProtocol(new TIOStreamTransport(new ByteArrayInputStream(description))),
          STRUCT,
          MOST_DEPTH);
    } catch (TException e) {
      throw new IOException(e);
    }
  }

  /**
   * Every column's bytes lie in front of the description, and one that does not repeat has a value
   * a row, since a reader stops after the number of rows.
   */
  private static void checkPlaces(Configuration hadoop, FileStatus file, long end)
      throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
      MessageType schema = reader.getFileMetaData().getSchema();
      for (BlockMetaData block : reader.getRowGroups()) {
        for (ColumnChunkMetaData column : block.getColumns()) {
          boolean repeats = schema.getMaxRepetitionLevel(column.getPath().toArray()) > 0;
          if (!repeats && column.getValueCount() != block.getRowCount()) {
            throw new IOException(
                "column %s is said to have %d values in %d rows"
                    .formatted(
                        column.getPath().toDotString(),
                        column.getValueCount(),
                        block.getRowCount()));
          }
          long from = column.getStartingPos();
          long size = column.getTotalSize();
          if (from < 0 || size < 0 || from > end - size) {
            throw new IOException(
                "column %s is said to be at %d, of %d bytes, where there are %d"
                    .formatted(column.getPath().toDotString(), from, size, end));
          }
        }
      }
    }
  }
}
