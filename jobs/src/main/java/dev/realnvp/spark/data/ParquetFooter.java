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
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.protocol.TProtocolUtil;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/**
 * What a Parquet file says of itself: the description at its end, which its length and PAR1 follow,
 * and each page's sizes. Parquet takes the memory that damaged sizes ask for, or unpacks a page
 * forever; Spark then waits for its answer, or ends the executor. So these are compared with the
 * file first. No value is read.
 */
final class ParquetFooter {
  private static final String MAGIC = "PAR1";

  /** The description's length and the magic. */
  private static final int END_BYTES = 8;

  /** Structures within structures; Parquet's own go 8 deep. */
  private static final int MOST_DEPTH = 32;

  /** Thrift's number for a structure; the shaded copy has no names for them. */
  private static final byte STRUCT = 12;

  /** What is read rather than passed over on an object store, where to go on is a request. */
  private static final int READ_THROUGH = 1 << 20;

  private ParquetFooter() {}

  /**
   * Checks a file.
   *
   * @param throughPages whether pages of a usual size are read, and not only their headers: less
   *     work for a store that answers slowly and then gives much
   * @throws IOException if it is damaged, or the file is no Parquet
   */
  static void check(
      Configuration hadoop, FileSystem fileSystem, FileStatus file, boolean throughPages)
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
        throw new IOException("it is not a Parquet file, which ends in " + MAGIC);
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
    checkColumns(hadoop, fileSystem, file, start, throughPages);
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

  private static void checkColumns(
      Configuration hadoop, FileSystem fileSystem, FileStatus file, long end, boolean throughPages)
      throws IOException {
    byte[] passed = new byte[throughPages ? READ_THROUGH : 0];
    try (ParquetFileReader reader =
            ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop));
        FSDataInputStream in = fileSystem.open(file.getPath())) {
      FileMetaData about = reader.getFileMetaData();
      // Others count a column's bytes in other ways.
      boolean exact = String.valueOf(about.getCreatedBy()).startsWith("parquet-mr");
      for (BlockMetaData block : reader.getRowGroups()) {
        for (ColumnChunkMetaData column : block.getColumns()) {
          String name = column.getPath().toDotString();
          boolean repeats = about.getSchema().getMaxRepetitionLevel(column.getPath().toArray()) > 0;
          // A reader stops after the number of rows.
          if (!repeats && column.getValueCount() != block.getRowCount()) {
            throw new IOException(
                "column %s is said to have %d values in %d rows"
                    .formatted(name, column.getValueCount(), block.getRowCount()));
          }
          long from = column.getStartingPos();
          long size = column.getTotalSize();
          if (from < 0 || size < 0 || from > end - size) {
            throw new IOException(
                "column %s is said to be at %d, of %d bytes, where there are %d"
                    .formatted(name, from, size, end));
          }
          checkPages(in, column, exact, passed);
        }
      }
    }
  }

  /** The pages' sizes, packed and not, are in sum those of the column; no page is unpacked. */
  private static void checkPages(
      FSDataInputStream in, ColumnChunkMetaData column, boolean exact, byte[] passed)
      throws IOException {
    long start = column.getStartingPos();
    long end = start + column.getTotalSize();
    long unpacked = 0;
    in.seek(start);
    while (in.getPos() < end) {
      long header = in.getPos();
      PageHeader page = Util.readPageHeader(in);
      long content = in.getPos();
      int size = page.getCompressed_page_size();
      if (size < 0 || page.getUncompressed_page_size() < 0 || size > end - content) {
        throw new IOException("a page's size is wrong");
      }
      unpacked += page.getUncompressed_page_size() + (exact ? content - header : 0);
      if (size <= passed.length) {
        in.readFully(passed, 0, size);
      } else {
        in.seek(content + size);
      }
    }
    long expected = column.getTotalUncompressedSize();
    if (in.getPos() != end || unpacked > expected || exact && unpacked != expected) {
      throw new IOException(
          "the pages of column %s have %d bytes when unpacked, expected %d"
              .formatted(column.getPath().toDotString(), unpacked, expected));
    }
  }
}
