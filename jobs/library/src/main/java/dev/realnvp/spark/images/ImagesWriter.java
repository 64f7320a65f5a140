package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.function.IOBiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
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
    Location location = folder(context.hadoopConfiguration(), folder);
    return IdxReader.files(location).isEmpty()
        ? PngFolderReader.read(context, location)
        : IdxReader.read(context, location);
  }

  /**
   * A fingerprint of a folder's files: 32 hex digits. It depends on the names and contents of IDX
   * files, or on the names, lengths and times of PNGs, which are too many to read. It does not
   * depend on the folder's place.
   *
   * @param name a path or Hadoop URI
   * @throws InvalidInputException if it is missing, or holds neither IDX files nor PNGs by class
   */
  public static String fingerprint(Configuration hadoop, String name) {
    Location folder = folder(hadoop, name);
    List<Location> idx = IdxReader.files(folder);
    try (DigestOutputStream digest =
        new DigestOutputStream(OutputStream.nullOutputStream(), DigestUtils.getSha256Digest())) {
      for (Location file : idx) {
        line(digest, file.path().getName(), file.fileSystem().getFileStatus(file.path()).getLen());
        try (InputStream in = file.fileSystem().open(file.path())) {
          in.transferTo(digest);
        }
      }
      if (idx.isEmpty()) {
        URI base = folder.path().toUri();
        for (PngFiles.Entry png : PngFiles.list(folder).entries()) {
          line(digest, base.relativize(new Path(png.file()).toUri()), png.bytes(), png.modified());
        }
      }
      return HexFormat.of().formatHex(Arrays.copyOf(digest.getMessageDigest().digest(), 16));
    } catch (IOException e) {
      throw folder.unreadable(e);
    }
  }

  private static void line(OutputStream out, Object... words) throws IOException {
    out.write((Arrays.toString(words) + "\n").getBytes(StandardCharsets.UTF_8));
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

  /**
   * A folder of images.
   *
   * @throws InvalidInputException if it does not exist, or is not a folder
   */
  private static Location folder(Configuration hadoop, String name) {
    Location location = Location.of(hadoop, name);
    try {
      if (!location.exists()) {
        throw new InvalidInputException("Folder " + location.display() + " does not exist");
      }
      if (!location.isDirectory()) {
        throw new InvalidInputException(
            location.display() + " is a file: expected a folder with IDX files or PNGs by class");
      }
      return location;
    } catch (IOException e) {
      throw location.unreadable(e);
    }
  }
}
