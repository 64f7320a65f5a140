package dev.realnvp.jobs.images;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.jobs.report.Scores;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.SampleNeighbours;
import dev.realnvp.spark.images.ImageGrid;
import dev.realnvp.spark.images.Pixels;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.Split;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The pictures of a run: samples by class, and originals against their reconstructions. */
public final class Pictures {

  /** Ten samples of each class, a row a class, from the least likely to the likeliest. */
  public static final String GRID = "grid.png";

  /** Test images, and below each row of them their reconstructions. */
  public static final String RECONSTRUCTIONS = "reconstructions.png";

  /** Samples, and below each row of them the train images that are nearest. */
  public static final String NEIGHBOURS = "neighbours.png";

  private static final int COLUMNS = 10;

  /** A picture of more rows would not fit on a screen; the first classes with samples are shown. */
  private static final int MOST_CLASSES = 20;

  private static final int PAIRS = 3;
  private static final int SCALE = 2;

  private final Run run;
  private final Autoencoder autoencoder;
  private final ImageShape layout;

  public Pictures(Run run, Autoencoder autoencoder) {
    this.run = run;
    this.autoencoder = autoencoder;
    this.layout = autoencoder.image();
  }

  /** Whether images of that many channels can be shown: grey ones and red-green-blue ones. */
  public boolean possible() {
    return layout.channels() == 1 || layout.channels() == 3;
  }

  /** Draws the grid into the samples' folder: the first samples of each class that has any. */
  public void samples(String folder, SampleCounts counts) throws IOException {
    int[] shown =
        IntStream.range(0, counts.classes())
            .filter(k -> counts.count(k) > 0)
            .limit(MOST_CLASSES)
            .toArray();
    Map<Integer, List<byte[]>> rows = new TreeMap<>();
    Run.table(run.spark(), folder)
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
  public void reconstructions(String folder) throws IOException {
    if (!run.isThere("paths.images")) {
      return;
    }
    List<byte[]> originals =
        run
            .table("paths.images")
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
                autoencoder.encode(
                    Pixels.toFloats(originals.toArray(byte[][]::new), layout), originals.size()),
                originals.size()),
            originals.size(),
            layout);
    write(rows(List.of(originals, List.of(decoded))), folder, RECONSTRUCTIONS);
  }

  /**
   * Draws the first pairs, if there are images where the setting says, and theirs are among them.
   *
   * @param folder where the samples are
   */
  public void neighbours(String folder, List<SampleNeighbours.Pair> all) throws IOException {
    if (all.isEmpty() || !run.isThere("paths.images")) {
      return;
    }
    List<SampleNeighbours.Pair> shown = all.stream().limit(PAIRS * COLUMNS).toList();
    Map<Long, byte[]> samples =
        pixels(Run.table(run.spark(), folder), shown.stream().map(SampleNeighbours.Pair::sample));
    Map<Long, byte[]> images =
        pixels(run.table("paths.images"), shown.stream().map(SampleNeighbours.Pair::row));
    shown =
        shown.stream()
            .filter(pair -> images.containsKey(pair.row()))
            .filter(pair -> images.get(pair.row()).length == layout.size())
            .toList();
    if (!shown.isEmpty()) {
      List<byte[]> left = shown.stream().map(pair -> samples.get(pair.sample())).toList();
      List<byte[]> right = shown.stream().map(pair -> images.get(pair.row())).toList();
      write(rows(List.of(left, right)), folder, NEIGHBOURS);
    }
  }

  /**
   * Draws rows, each in images side by side: its own, the one that the autoencoder decodes of its
   * embedding, and if it is explained the one of its embedding with the normal values.
   *
   * @param rows whose ids are whole numbers
   * @param embeddings of these rows, those that the settings name now
   * @return a PNG for each row that has an image, and whose embedding is the explained one, by id
   */
  public Map<String, byte[]> repairs(List<Scores.StrangeRow> rows, List<LabelledVector> embeddings)
      throws IOException {
    Map<Long, byte[]> images =
        pixels(run.table("paths.images"), rows.stream().map(row -> Long.valueOf(row.id())));
    Map<Long, float[]> codes =
        embeddings.stream()
            .collect(Collectors.toMap(LabelledVector::id, LabelledVector::values, (a, b) -> a));
    Map<String, byte[]> pictures = new HashMap<>();
    for (Scores.StrangeRow row : rows) {
      byte[] image = images.get(Long.valueOf(row.id()));
      float[] code = codes.get(Long.valueOf(row.id()));
      if (image != null && image.length == layout.size() && row.isOf(code)) {
        List<byte[]> shown = new ArrayList<>(List.of(image, decode(code)));
        if (!row.repairs().isEmpty()) {
          shown.add(decode(row.repaired(code)));
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        grid(List.of(shown)).writePng(png);
        pictures.put(row.id(), png.toByteArray());
      }
    }
    return pictures;
  }

  private byte[] decode(float[] code) {
    return Pixels.toBytes(autoencoder.decode(code, 1), 1, layout)[0];
  }

  /** The images of some rows, by id. */
  private static Map<Long, byte[]> pixels(Dataset<Row> table, Stream<Long> ids) {
    return table
        .where(col("id").isin(ids.toArray()))
        .select("id", "pixels")
        .collectAsList()
        .stream()
        .collect(Collectors.toMap(row -> row.getLong(0), row -> row.getAs(1)));
  }

  /** Rows of the first images, and below each the row of those that belong to them. */
  private static List<List<byte[]>> rows(List<List<byte[]>> images) {
    int count = images.get(0).size();
    List<List<byte[]>> rows = new ArrayList<>();
    for (int from = 0; from < count; from += COLUMNS) {
      for (List<byte[]> some : images) {
        rows.add(some.subList(from, Math.min(from + COLUMNS, count)));
      }
    }
    return rows;
  }

  private void write(List<List<byte[]>> rows, String folder, String name) throws IOException {
    Outputs.file(run.hadoop(), new Path(folder, name), grid(rows)::writePng);
  }

  private ImageGrid grid(List<List<byte[]>> rows) {
    return new ImageGrid(layout, SCALE, rows);
  }
}
