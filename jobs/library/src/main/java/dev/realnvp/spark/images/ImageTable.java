package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A checked table of images.
 *
 * @param rows of {@link Images#SCHEMA}, not cached
 * @param name of its source, in messages
 * @param count the number of rows
 * @param layout every image's shape
 * @param classes K: labels are from 0 to K - 1
 * @param splits the number of rows of each of {@code train} and {@code test}, including zero
 * @param fingerprint of the content, independent of the order of the rows: 32 hex digits
 */
public record ImageTable(
    Dataset<Row> rows,
    String name,
    long count,
    ImageShape layout,
    int classes,
    Map<String, Long> splits,
    String fingerprint) {

  /** The same table after its files were moved. */
  ImageTable at(SparkSession spark, Location place) {
    return new ImageTable(
        ParquetFiles.reader(spark).schema(Images.SCHEMA).parquet(place.path().toString()),
        place.display(),
        count,
        layout,
        classes,
        splits,
        fingerprint);
  }

  /** The rows of one split; may be empty. */
  public Dataset<Row> split(String split) {
    return rows.where(functions.col("split").equalTo(split));
  }
}
