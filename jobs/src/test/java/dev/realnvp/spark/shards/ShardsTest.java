package dev.realnvp.spark.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.engine.Batch;
import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.images.ImageShards;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

@ExtendWith(LocalSpark.class)
class ShardsTest {
  private static final int WINDOW = 1;
  private static final ImageShape LAYOUT = new ImageShape(2, 3, 3);
  private final SparkSession spark;

  ShardsTest(SparkSession spark) {
    this.spark = spark;
  }

  /** What the engine gets. */
  private record Filled(float[] inputs, float[] context, float[] weights, double totalWeight)
      implements Serializable {

    static Filled of(Shard shard, long... rows) {
      Batch batch = new Batch().rows(rows.length);
      shard.fill(rows, batch);
      float[] weights = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        weights[i] = batch.weight(i);
      }
      return new Filled(
          batch.inputs().array(), batch.context().array(), weights, batch.totalWeight());
    }
  }

  private static long[] all(Shard shard) {
    return LongStream.range(0, shard.size()).toArray();
  }

  /** Labels as floats, so that both can be looked at. */
  private static DataSet assemble(INDArray rows, int[] labels) {
    return new DataSet(rows, Nd4j.createFromArray(labels).castTo(rows.dataType()));
  }

  private static byte pixel(int image, int y, int x, int c) {
    return (byte) (image * 37 + y * 11 + x * 5 + c);
  }

  private Dataset<Row> images(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] pixels = new byte[LAYOUT.size()];
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 3; x++) {
          for (int c = 0; c < 3; c++) {
            pixels[(y * 3 + x) * 3 + c] = pixel(i, y, x, c);
          }
        }
      }
      rows.add(RowFactory.create((long) i, "train", i, 2, 3, 3, pixels));
    }
    return spark.createDataFrame(rows, Images.SCHEMA).repartitionByRange(3, functions.col("id"));
  }

  private static JavaRDD<Shard> dealt(
      Dataset<Row> rows,
      ImageShape layout,
      int classes,
      int workers,
      int window,
      int shift,
      ImageShards.BatchAssembler assembler) {
    return ImageShards.of(
            rows, Map.of("train", rows.count()), layout, classes, workers, window, shift, assembler)
        .get("train");
  }

  private static JavaRDD<Shard> embeddings(
      Dataset<Row> rows, int features, int context, int classes, int workers, int window) {
    return Shards.embeddings(
            rows, Map.of("train", rows.count()), features, context, classes, workers, window)
        .get("train");
  }

  @ParameterizedTest
  @CsvSource({"10, 1", "10, 2", "11, 4", "3, 5", "1, 1"})
  void rowsAreDealtOutEvenlyAndEachOnce(int rows, int workers) {
    List<int[]> labels =
        dealt(images(rows), LAYOUT, rows, workers, WINDOW, 0, ShardsTest::assemble)
            .map(
                shard ->
                    shard.size() == 0
                        ? new int[0]
                        : shard.batch(all(shard)).getLabels().toIntVector())
            .glom()
            .collect()
            .stream()
            .peek(partition -> assertThat(partition).hasSize(1))
            .map(partition -> partition.get(0))
            .toList();
    assertThat(labels).hasSize(workers);
    List<Integer> dealt = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      assertThat(labels.get(w)).hasSize((rows - w + workers - 1) / workers);
      IntStream.of(labels.get(w)).forEach(dealt::add);
    }
    assertThat(dealt)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, rows).boxed().toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void anOrderInTheDataDoesNotSortTheShards(int workers) {
    Dataset<Row> rows =
        spark.sql(
            "select id, 'train' split, cast(id %% %d as int) label, array(0f) embedding"
                    .formatted(workers)
                + " from range(0, 4000, 1, 3)");
    JavaRDD<Shard> shards = embeddings(rows, 1, 0, workers, workers, WINDOW);
    for (DataSet batch : shards.map(shard -> shard.batch(all(shard))).collect()) {
      INDArray oneHot = batch.getFeatures();
      for (int k = 0; k < workers; k++) {
        double share = oneHot.getColumn(1 + k).sumNumber().doubleValue() / oneHot.rows();
        assertThat(share).isCloseTo(1.0 / workers, within(0.06));
      }
    }
  }

  @Test
  void imagesBecomeChannelsFirstFloats() {
    DataSet batch =
        dealt(images(4), LAYOUT, 4, 1, WINDOW, 0, ShardsTest::assemble)
            .map(shard -> shard.batch(new long[] {3, 0, 3}))
            .first();
    int[] picked = batch.getLabels().toIntVector();
    assertThat(picked[0]).isEqualTo(picked[2]).isNotEqualTo(picked[1]);
    INDArray images = batch.getFeatures();
    assertThat(images.shape()).containsExactly(3, 3, 2, 3);
    for (int i = 0; i < 3; i++) {
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < 2; y++) {
          for (int x = 0; x < 3; x++) {
            assertThat(images.getFloat(i, c, y, x))
                .isEqualTo((pixel(picked[i], y, x, c) & 0xff) / 255f);
          }
        }
      }
    }
  }

  @Test
  void embeddingsKeepTheirValuesAndLabels() {
    Dataset<Row> rows =
        spark.sql(
            "select id, 'train' split, cast(id as int) label,"
                + " array(float(id), float(id * id), 0.5f) embedding from range(0, 9, 1, 2)");
    JavaRDD<Shard> shards = embeddings(rows, 3, 0, 9, 2, WINDOW);
    assertThat(shards.map(Shard::size).collect()).containsExactly(5L, 4L);
    float[][] batch =
        shards
            .map(shard -> shard.batch(new long[] {2, 0}))
            .collect()
            .get(1)
            .getFeatures()
            .toFloatMatrix();
    assertThat(batch[0][0]).isNotEqualTo(batch[1][0]);
    for (float[] row : batch) {
      // DL4J carries the log-determinant in a last column.
      float[] expected = new float[3 + 9 + 1];
      expected[0] = row[0];
      expected[1] = row[0] * row[0];
      expected[2] = 0.5f;
      expected[3 + (int) row[0]] = 1;
      assertThat(row).isEqualTo(expected);
    }
  }

  @Test
  void batchesOfTheEngineHaveValuesAndOneHotLabels() {
    Dataset<Row> rows =
        spark.sql(
            "select id, 'train' split, cast(id % 3 as int) label,"
                + " array(float(id), float(-id)) embedding from range(0, 7, 1, 2)");
    Filled batch =
        embeddings(rows, 2, 0, 3, 1, WINDOW).map(shard -> Filled.of(shard, 4, 1)).first();
    float[] values = batch.inputs();
    for (int i = 0; i < 2; i++) {
      assertThat(values[2 + i]).isEqualTo(-values[i]);
      for (int k = 0; k < 3; k++) {
        assertThat(batch.context()[2 * k + i]).isEqualTo(values[i] % 3 == k ? 1 : 0);
      }
    }
    assertThat(values[0]).isNotEqualTo(values[1]);
  }

  @Test
  void weightsGoWithTheirRows() {
    Dataset<Row> rows =
        spark.sql(
            "select id, 'train' split, cast(null as int) label, array(float(id)) embedding,"
                + " id / 2 weight from range(1, 8, 1, 2)");
    JavaRDD<Shard> shards = embeddings(rows, 1, 0, 0, 1, WINDOW);
    Filled batch = shards.map(shard -> Filled.of(shard, 5, 0, 3)).first();
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      assertThat(batch.weights()[i]).isEqualTo(batch.inputs()[i] / 2);
      sum += batch.weights()[i];
    }
    assertThat(batch.totalWeight()).isEqualTo(sum);
    assertThatThrownBy(() -> shards.map(shard -> shard.batch(new long[] {1})).first())
        .hasRootCauseInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void imagesOfTheEngineAreAsStored() {
    JavaRDD<Shard> shards = dealt(images(3), LAYOUT, 0, 1, WINDOW, 0, ShardsTest::assemble);
    Filled batch = shards.map(shard -> Filled.of(shard, 2, 0)).first();
    DataSet same = shards.map(shard -> shard.batch(new long[] {2, 0})).first();
    float[] channelsLast = same.getFeatures().permute(0, 2, 3, 1).dup('c').data().asFloat();
    assertThat(batch.inputs()).startsWith(channelsLast);
  }

  /** What the engine and DL4J get, each with ND4J's generator set to the seed; 0 is none. */
  private record Moved(float[] filled, float[] batch, long next) implements Serializable {

    static Moved of(Shard shard, long seed, long... rows) {
      Nd4j.getRandom().setSeed(seed);
      float[] filled = Filled.of(shard, rows).inputs();
      long next = Nd4j.getRandom().nextLong();
      Nd4j.getRandom().setSeed(seed);
      INDArray batch = shard.batch(rows).getFeatures().permute(0, 2, 3, 1);
      return new Moved(
          Arrays.copyOf(filled, rows.length * LAYOUT.size()),
          batch.dup('c').data().asFloat(),
          next);
    }

    /** The first channel of the first image, row by row. */
    String first() {
      StringBuilder first = new StringBuilder();
      for (int i = 0; i < LAYOUT.size(); i += LAYOUT.channels()) {
        first.append(Math.round(filled[i] * 255)).append(' ');
      }
      return first.toString().trim();
    }
  }

  private List<Moved> moved(int shift, int minibatches) {
    return dealt(images(1), LAYOUT, 0, 1, WINDOW, shift, ShardsTest::assemble)
        .flatMap(
            shard ->
                IntStream.range(0, minibatches)
                    .mapToObj(seed -> Moved.of(shard, 1 + seed / 2, 0, 0, 0))
                    .iterator())
        .collect();
  }

  @Test
  void imagesAreMovedEachOnItsOwnByTheThreadsGenerator() {
    List<Moved> moved = moved(1, 400);
    // The image is 0 5 10 / 11 16 21. Two rows that repeat an edge are one of them twice.
    String[] rows = {"0 5 10", "0 0 5", "5 10 10", "11 16 21", "11 11 16", "16 21 21"};
    assertThat(moved.stream().map(Moved::first))
        .containsOnly(
            Stream.of(0, 1, 2)
                .flatMap(
                    i ->
                        Stream.of("%1$s %2$s", "%1$s %1$s", "%2$s %2$s")
                            .map(two -> two.formatted(rows[i], rows[i + 3])))
                .toArray(String[]::new));
    for (int i = 0; i < moved.size(); i += 2) {
      assertThat(moved.get(i).filled())
          .isEqualTo(moved.get(i).batch())
          .isEqualTo(moved.get(i + 1).filled());
    }
    // The same image three times: seldom moved alike.
    assertThat(moved)
        .filteredOn(
            three ->
                Arrays.equals(
                    three.filled(), 0, LAYOUT.size(), three.filled(), 18, 18 + LAYOUT.size()))
        .hasSizeBetween(1, 150);
  }

  @Test
  void withoutAShiftNothingMovesAndNothingIsDrawn() {
    Nd4j.getRandom().setSeed(1);
    long first = Nd4j.getRandom().nextLong();
    assertThat(moved(0, 1)).extracting(Moved::next).containsExactly(first);
    assertThat(moved(0, 20)).extracting(Moved::first).containsOnly("0 5 10 11 16 21");
  }

  @Test
  void withoutLabelsABatchHasTheFeaturesAlone() {
    Dataset<Row> rows =
        spark.sql(
            "select id, 'train' split, cast(null as int) label, array(float(id)) embedding"
                + " from range(3)");
    DataSet batch =
        embeddings(rows, 1, 0, 0, 1, WINDOW)
            .map(shard -> shard.batch(new long[] {0, 1, 2}))
            .first();
    assertThat(batch.getFeatures().columns()).isEqualTo(2);
    assertThat(batch.getFeatures().getColumn(0).toFloatVector()).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void numbersBehindTheFeaturesAreTheContext() {
    Dataset<Row> rows =
        spark.sql(
            "select id, 'train' split, cast(null as int) label,"
                + " array(float(id), float(-id), float(id * id), 0.5f, float(id / 2)) embedding"
                + " from range(1, 8, 1, 2)");
    JavaRDD<Shard> shards = embeddings(rows, 2, 3, 0, 1, WINDOW);
    Filled batch = shards.map(shard -> Filled.of(shard, 4, 1)).first();
    float[][] dl4j =
        shards.map(shard -> shard.batch(new long[] {4, 1})).first().getFeatures().toFloatMatrix();
    for (int i = 0; i < 2; i++) {
      float id = batch.inputs()[i];
      assertThat(dl4j[i]).containsExactly(id, -id, id * id, 0.5f, id / 2, 0);
      assertThat(batch.inputs()[2 + i]).isEqualTo(-id);
      assertThat(batch.context()[i]).isEqualTo(id * id);
      assertThat(batch.context()[2 + i]).isEqualTo(0.5f);
      assertThat(batch.context()[4 + i]).isEqualTo(id / 2);
    }
  }

  @Test
  void noRowsGiveEmptyShards() {
    JavaRDD<Shard> shards =
        dealt(images(3).where("id > 5"), LAYOUT, 0, 2, WINDOW, 0, ShardsTest::assemble);
    assertThat(shards.map(Shard::size).collect()).containsExactly(0L, 0L);
  }

  @Test
  void atLeastOneWorker() {
    Dataset<Row> rows = images(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dealt(rows, LAYOUT, 0, 0, WINDOW, 0, ShardsTest::assemble))
        .withMessage("Cannot spread rows over 0 partitions: expected at least 1");
  }
}
