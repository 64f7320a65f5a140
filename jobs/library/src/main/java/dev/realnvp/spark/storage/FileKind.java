package dev.realnvp.spark.storage;

import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/** What a table's file holds, as the end of its name says. */
public enum FileKind {
  CSV("CSV", "[ct]sv"),
  JSON("JSON lines", "json|jsonl|ndjson"),
  ORC("ORC", "orc"),
  /** Also of files with other names, or without an ending. */
  PARQUET("Parquet", "");

  /** Those that Hadoop unpacks while it reads. */
  private static final String PACKED = "(\\.(gz|bz2|zst|lz4|snappy|deflate))?";

  private final String word;
  private final Pattern names;

  FileKind(String word, String endings) {
    this.word = word;
    this.names = Pattern.compile(".*\\.(%s)%s".formatted(endings, PACKED));
  }

  public static FileKind of(Path file) {
    String name = file.getName().toLowerCase(Locale.ROOT);
    return Stream.of(values())
        .filter(kind -> kind.names.matcher(name).matches())
        .findFirst()
        .orElse(PARQUET);
  }

  /** What messages call it. */
  public String word() {
    return word;
  }
}
