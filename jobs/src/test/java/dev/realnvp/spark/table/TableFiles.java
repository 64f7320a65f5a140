package dev.realnvp.spark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Parquet files that tests write, and read as embeddings. */
record TableFiles(SparkSession spark, Path folder) {

  /** Eight rows with names, numbers and weights of their own, and a feature. */
  static final String CATS =
      "select id, if(id < 6, 'train', 'test') split, array('b', 'ä', 'a')[id % 3] kind,"
          + " cast(9 - id as int) other, id / 4 w, array(float(id)) v from range(8)";

  /** Writes the rows of a SQL query, over those written before. */
  String write(String sql) {
    String path = folder.resolve("a table").toString();
    spark.sql(sql).write().mode("overwrite").parquet(path);
    return path;
  }

  /**
   * Replaces text in the table's only file by text of the same length.
   *
   * @return the file's name
   */
  String replace(String path, String text, String other) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of(path), "*.parquet")) {
      Path file = all.iterator().next();
      String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertThat(bytes).containsOnlyOnce(text);
      Files.writeString(file, bytes.replace(text, other), StandardCharsets.ISO_8859_1);
      Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
      return file.getFileName().toString();
    }
  }

  EmbeddingTable read(String path, String column, InvalidRows policy) {
    return Embeddings.read(spark, path, EmbeddingQuery.of(column, policy));
  }

  /** Reads column {@code v}. */
  EmbeddingTable read(String path, String label, String weight, String where) {
    return Embeddings.read(
        spark, path, EmbeddingQuery.of(Features.of("v"), label, weight, where, InvalidRows.REFUSE));
  }

  void assertRefused(String path, String column, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(path, column, InvalidRows.REFUSE))
        .withMessage(message);
  }
}
