package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.ImageShape;
import dev.realnvp.spark.data.PixelLayout;
import dev.realnvp.spark.data.Pixels;
import dev.realnvp.spark.data.Split;
import dev.realnvp.spark.imaging.ImageGrid;
import dev.realnvp.spark.inference.SampleCounts;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** The pictures of a run: samples by class, and originals against their reconstructions. */
final class Pictures {

  /** Ten samples of each class, a row a class, from the least likely to the likeliest. */
  static final String GRID = "grid.png";

  /** Test images, and below each row of them their reconstructions. */
  static final String RECONSTRUCTIONS = "reconstructions.png";

  private static final int COLUMNS = 10;

  /** A picture of more rows would not fit on a screen; the first classes with samples are shown. */
  private static final int MOST_CLASSES = 20;

  private static final int PAIRS = 3;
  private static final int SCALE = 2;

  private final SparkSession spark;
  private final Autoencoder autoencoder;
  private final PixelLayout layout;

  Pictures(SparkSession spark, Autoencoder autoencoder) {
    ImageShape image = autoencoder.image();
    this.spark = spark;
    this.autoencoder = autoencoder;
    this.layout = new PixelLayout(image.height(), image.width(), image.channels());
  }

  /** Whether images of that many channels can be shown: grey ones and red-green-blue ones. */
  boolean possible() {
    return layout.channels() == 1 || layout.channels() == 3;
  }

  /** Draws the grid into the samples' folder: the first samples of each class that has any. */
  void samples(String folder, SampleCounts counts) throws IOException {
    int[] shown =
        IntStream.range(0, counts.classes())
            .filter(k -> counts.count(k) > 0)
            .limit(MOST_CLASSES)
            .toArray();
    Map<Integer, List<byte[]>> rows = new TreeMap<>();
    spark
        .read()
        .parquet(folder)
        .where(col("id").isin(firstIds(counts, shown)))
        .orderBy("log_prob")
        .select("id", "pixels")
        .collectAsList()
        .forEach(
            row ->
                rows.computeIfAbsent(counts.label(row.getLong(0)), k -> new ArrayList<>())
                    .add(row.getAs(1)));
    write(List.copyOf(rows.values()), folder, GRID);
  }

  private static Object[] firstIds(SampleCounts counts, int[] classes) {
    return IntStream.of(classes)
        .boxed()
        .flatMap(
            k ->
                LongStream.range(0, Math.min(counts.count(k), COLUMNS))
                    .mapToObj(i -> counts.start(k) + i))
        .toArray();
  }

  /** Draws test images and their reconstructions, if there are images where the setting says. */
  void reconstructions(Config config, String folder) throws IOException {
    Path images = new Path(config.getString("paths.images"));
    if (!images.getFileSystem(hadoop()).exists(images)) {
      return;
    }
    List<byte[]> originals =
        Inputs.table(spark, config, "paths.images")
            .where(col("split").equalTo(Split.TEST))
            .orderBy("id")
            .limit(PAIRS * COLUMNS)
            .select("pixels")
            .collectAsList()
            .stream()
            .map(row -> row.<byte[]>getAs(0))
            .toList();
    if (originals.isEmpty() || originals.get(0).length != layout.size()) {
      return;
    }
    byte[][] decoded =
        Pixels.toBytes(
            autoencoder.decode(
                autoencoder.encode(Pixels.toArray(originals.toArray(byte[][]::new), layout))),
            layout);
    List<List<byte[]>> rows = new ArrayList<>();
    for (int from = 0; from < decoded.length; from += COLUMNS) {
      int to = Math.min(from + COLUMNS, decoded.length);
      rows.add(originals.subList(from, to));
      rows.add(List.of(decoded).subList(from, to));
    }
    write(rows, folder, RECONSTRUCTIONS);
  }

  private void write(List<List<byte[]>> rows, String folder, String name) throws IOException {
    ImageGrid grid =
        new ImageGrid(
            layout.height(), layout.width(), layout.channels(), SCALE, "", List.of(), rows);
    Path path = new Path(folder, name);
    try (OutputStream out = path.getFileSystem(hadoop()).create(path)) {
      grid.writePng(out);
    }
  }

  private Configuration hadoop() {
    return spark.sparkContext().hadoopConfiguration();
  }
}
