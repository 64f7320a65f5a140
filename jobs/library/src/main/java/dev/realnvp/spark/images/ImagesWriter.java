package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.io.function.IOBiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** Turns a folder of IDX files, or of PNGs by class, into the table {@code images/}. */
public final class ImagesWriter {
  /**
   * Pixels in one output file, before compression: enough to be worth opening a file, and few
   * enough for a task's memory.
   */
  private static final long FILE_BYTES = 64L << 20;

  private ImagesWriter() {}

  /**
   * Opens a folder of images and checks it; see {@link IdxReader} and {@link PngFolderReader} for
   * its format.
   *
   * @param folder a path or Hadoop URI
   * @throws InvalidInputException if it is missing, or its content cannot be used
   */
  public static ImageSource open(SparkSession spark, String folder) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Location location = SourceFiles.folder(context.hadoopConfiguration(), folder);
    return IdxReader.files(location).isEmpty()
        ? PngFolderReader.read(context, location)
        : IdxReader.read(context, location);
  }

  /**
   * Writes the table and other files beside it, and checks the table before both are put in place.
   *
   * @param beside adds its files to the table's
   * @return the table at the target
   * @throws InvalidInputException if the target exists and must not be replaced
   * @throws IOException if the file system fails; the previous output is restored
   */
  public static ImageTable write(
      SparkSession spark,
      ImageSource source,
      String target,
      SaveMode policy,
      IOBiConsumer<String, ImageTable> beside)
      throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration hadoop = context.hadoopConfiguration();
    AtomicReference<ImageTable> written = new AtomicReference<>();
    AtomicOutput.write(
        hadoop,
        target,
        policy,
        "images",
        temporary -> {
          ParquetFiles.write(
              spark,
              spark
                  .createDataFrame(source.rows(), Images.SCHEMA)
                  .write()
                  .option("maxRecordsPerFile", fileRows(context, source.count(), source.layout())),
              temporary,
              source.count());
          written.set(Images.read(spark, temporary));
          beside.accept(temporary, written.get());
        });
    return written.get().at(spark, Location.of(hadoop, target));
  }

  /** Rows per output file, such that there are enough files for all cores, and none is large. */
  static long fileRows(JavaSparkContext spark, long rows, ImageShape layout) {
    long cores = Math.max(1, spark.defaultParallelism());
    long share = (rows + cores - 1) / cores;
    return Math.max(1, Math.min(share, FILE_BYTES / layout.size()));
  }
}
