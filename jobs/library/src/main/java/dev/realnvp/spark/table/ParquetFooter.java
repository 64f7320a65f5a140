package dev.realnvp.spark.table;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.protocol.TProtocolUtil;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/**
 * The metadata of a Parquet file: the footer at its end, followed by its length and PAR1, and each
 * page's sizes. With damaged sizes, Parquet allocates the memory that they ask for, or unpacks a
 * page forever; Spark then waits for an answer, or ends the executor. So the sizes are compared
 * with the file first, and the two descriptions of the columns with each other. No value is read.
 */
final class ParquetFooter {
  private static final String MAGIC = "PAR1";

  private static final String ENCRYPTED = "PARE";

  private static final int END_BYTES = 8;

  /** The limit of nested structures; Parquet's own have a depth of 8. */
  private static final int MOST_DEPTH = 32;

  /** Thrift's number for a structure; the shaded copy has no name for it. */
  private static final byte STRUCT = 12;

  /**
   * Up to this size data is read rather than skipped on an object store, because each seek is a
   * request.
   */
  private static final int READ_THROUGH = 1 << 20;

  private ParquetFooter() {}

  /**
   * Checks a file.
   *
   * @param columns whose pages are checked; of the others, only what the footer says
   * @param throughPages whether pages of a usual size are read, and not only their headers: faster
   *     on a store with slow responses and high throughput
   * @return the names of all its columns
   * @throws IOException if the file is damaged, or is not Parquet
   */
  static List<String> check(
      FileSystem fileSystem, FileStatus file, Set<String> columns, boolean throughPages)
      throws IOException {
    long length = file.getLen() - END_BYTES;
    if (length < MAGIC.length()) {
      throw new IOException("it is too short for Parquet: " + file.getLen() + " bytes");
    }
    try (FSDataInputStream in = fileSystem.open(file.getPath())) {
      byte[] end = new byte[END_BYTES];
      in.readFully(length, end);
      String magic = new String(end, Integer.BYTES, MAGIC.length(), StandardCharsets.US_ASCII);
      if (magic.equals(ENCRYPTED)) {
        throw new IOException("it is encrypted, as its end tells; expected Parquet in the clear");
      }
      if (!MAGIC.equals(magic)) {
        throw new IOException(
            "it is not a Parquet file, which ends in "
                + MAGIC
                + "; those of other kinds end in .csv, .tsv, .json, .jsonl, .ndjson, .orc by name");
      }
      int size = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
      long start = length - size;
      if (size < 0 || start < MAGIC.length()) {
        throw new IOException("its description has %d bytes, of %d".formatted(size, length));
      }
      byte[] description = new byte[size];
      in.readFully(start, description);
      walk(description);
      ParquetMetadata metadata =
          new ParquetMetadataConverter(HadoopReadOptions.builder(fileSystem.getConf()).build())
              .readParquetMetadata(
                  new ByteArrayInputStream(description), ParquetMetadataConverter.NO_FILTER);
      checkColumns(in, metadata, start, columns, throughPages);
      return metadata.getFileMetaData().getSchema().getFields().stream()
          .map(Type::getName)
          .toList();
    }
  }

  /** Skips all fields, without storing them: every element takes at least one byte. */
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
      FSDataInputStream in,
      ParquetMetadata metadata,
      long end,
      Set<String> columns,
      boolean throughPages)
      throws IOException {
    byte[] passed = new byte[throughPages ? READ_THROUGH : 0];
    FileMetaData about = metadata.getFileMetaData();
    // Other writers count a column's bytes differently, and may copy a description of Spark's.
    boolean exact = String.valueOf(about.getCreatedBy()).startsWith("parquet-mr");
    if (exact) {
      checkNames(about);
    }
    for (BlockMetaData block : metadata.getBlocks()) {
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
        if (columns.contains(column.getPath().toArray()[0])) {
          checkPages(in, column, exact, passed);
        }
      }
    }
  }

  /**
   * Spark describes its columns in JSON beside Parquet's own description, and reads by it: a column
   * whose name is damaged in one of the two would be read as missing.
   */
  private static void checkNames(FileMetaData about) throws IOException {
    Set<String> read = sparkNames(about);
    for (Type column : about.getSchema().getFields()) {
      if (!read.isEmpty() && !read.contains(column.getName())) {
        throw new IOException(
            "its column %s is not among those that Spark's description names: %s"
                .formatted(column.getName(), String.join(", ", read)));
      }
    }
  }

  /** Those in Spark's description; empty if there is none that Spark could read. */
  private static Set<String> sparkNames(FileMetaData about) {
    String json = about.getKeyValueMetaData().get(ParquetReadSupport.SPARK_METADATA_KEY());
    try {
      return json != null && DataType.fromJson(json) instanceof StructType schema
          ? new LinkedHashSet<>(List.of(schema.fieldNames()))
          : Set.of();
    } catch (RuntimeException e) {
      return Set.of();
    }
  }

  /**
   * The pages' sizes, packed and unpacked, must sum to those of the column; no page is unpacked.
   */
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
