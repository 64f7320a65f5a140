package dev.realnvp.damage;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.ImagesWriter;
import dev.realnvp.spark.images.TestFiles;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** What the jobs read: the tables images/ and embeddings/. */
enum TableKind implements InputKind {
  IMAGES {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      Path idx = Files.createDirectory(folder.resolveSibling("idx-of-" + name()));
      TestFiles.idxFolder(idx, 11, 5);
      ImagesWriter.write(
          spark,
          ImagesWriter.open(spark, idx.toString()),
          folder.toString(),
          SaveMode.Overwrite,
          (place, written) -> {});
      Cases.deleteHadoopSums(folder);
    }

    @Override
    public Object read(SparkSession spark, Path folder) {
      ImageTable table = Images.read(spark, folder.toString());
      assertThat(table.splits().values().stream().mapToLong(n -> n).sum()).isEqualTo(table.count());
      List<Row> rows = table.rows().orderBy("id", "pixels").collectAsList();
      assertThat(rows).hasSize(Math.toIntExact(table.count()));
      for (Row row : rows) {
        assertThat((byte[]) row.getAs("pixels")).hasSize(table.layout().size());
        assertThat(row.<Integer>getAs("label")).isBetween(0, table.classes() - 1);
      }
      return List.of(table.splits(), table.classes(), table.layout(), table.fingerprint());
    }
  },
  EMBEDDINGS {
    @Override
    public void make(SparkSession spark, Path folder) throws IOException {
      List<Row> rows =
          IntStream.range(0, 40)
              .mapToObj(
                  i ->
                      RowFactory.create(
                          (long) i,
                          i % 5 == 0 ? "test" : "train",
                          i % 3,
                          new float[] {i / 7f, -i, (float) Math.sin(i), 1e-3f * i}))
              .toList();
      spark
          .createDataFrame(rows, Embeddings.SCHEMA)
          .coalesce(2)
          .write()
          .mode("overwrite")
          .parquet(folder.toString());
      Cases.deleteHadoopSums(folder);
    }

    @Override
    public Object read(SparkSession spark, Path folder) {
      EmbeddingTable table = Embeddings.read(spark, folder.toString());
      List<Row> rows = table.rows().orderBy(col("id"), col(Embeddings.COLUMN)).collectAsList();
      assertThat(rows).hasSize(Math.toIntExact(table.count()));
      for (Row row : rows) {
        List<Float> values = row.getList(3);
        assertThat(values).hasSize(table.features()).allMatch(Float::isFinite);
        assertThat(row.<String>getAs("split")).isIn("train", "test");
      }
      return List.of(table.splits(), table.classes(), table.features(), table.fingerprint());
    }
  };

  /** Nothing says which files there were. */
  @Override
  public boolean notices(Damage damage) {
    return damage != Damage.MISSING_FILE && damage != Damage.FOLDER_FOR_FILE;
  }
}
