package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.flow.ClassContext;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RowNoise;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.data.ConfigurationException;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowSampler;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Samples of a small flow whose three classes have names. */
@ExtendWith(LocalSpark.class)
class SampleTest {

  private static final int FEATURES = 3;

  @TempDir static Path folder;

  private static SparkSession spark;
  private static StoredModel model;

  @BeforeAll
  static void train(SparkSession session) throws IOException {
    spark = session;
    spark
        .sql(
            "select id, if(id % 4 = 0, 'test', 'train') split,"
                + " array('cat', 'dog', 'fox')[id % 3] label,"
                + " array(10 * randn(1), randn(2) + id % 3, 5 + randn(3)) embedding"
                + " from range(0, 600, 1, 2)")
        .write()
        .parquet(folder.resolve("embeddings").toString());
    new TrainFlow().run(spark, settings());
    model =
        ModelDirectory.read(new Configuration(), folder.resolve("flow").toString(), FlowModel.KIND);
  }

  private static Config settings(String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of("flow.epochs=2", "flow.hidden=[16]", "flow.couplings=3"), Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", folder.toString()));
  }

  private static List<Row> sample(String output, String... more) throws IOException {
    String[] sets =
        Stream.concat(Stream.of(more), Stream.of("paths.samples=" + folder.resolve(output)))
            .toArray(String[]::new);
    new Sample().run(spark, settings(sets));
    return rows(spark.read().parquet(folder.resolve(output) + "/*.parquet"));
  }

  private static List<Row> rows(Dataset<Row> samples) {
    return samples.orderBy("id").collectAsList();
  }

  private static float[] values(Row row) {
    List<Number> list = row.getList(row.fieldIndex("embedding"));
    float[] values = new float[list.size()];
    for (int j = 0; j < values.length; j++) {
      values[j] = list.get(j).floatValue();
    }
    return values;
  }

  @Test
  void countsSayHowManyOfWhichClass() throws IOException {
    List<Row> rows = sample("counted", "sample.counts=dog=3, 2=2");
    assertThat(rows.stream().map(row -> row.<Long>getAs("id"))).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(rows.stream().map(row -> row.<String>getAs("label_name")))
        .containsExactly("dog", "dog", "dog", "fox", "fox");
  }

  @Test
  void aClassesSamplesAreTheSameWhateverThePartitionsAndTheOtherCounts() {
    SampleCounts[] counts = {SampleCounts.of(40, 40, 40), SampleCounts.of(3, 0, 90)};
    List<Row> all = rows(sampler(1, 224).sample(spark, counts[0], 2));
    for (int partitions : new int[] {1, 3, 7}) {
      List<Row> again = rows(sampler(1, 5).sample(spark, counts[0], partitions));
      for (int i = 0; i < 120; i++) {
        assertSame(again.get(i), all.get(i));
      }
      List<Row> others = rows(sampler(1, 11).sample(spark, counts[1], partitions));
      for (int i = 0; i < 3; i++) {
        assertSame(others.get(i), all.get(i));
      }
      for (int i = 0; i < 40; i++) {
        assertSame(others.get(3 + i), all.get(80 + i));
      }
    }
  }

  private static FlowSampler sampler(double temperature, int batch) {
    return new FlowSampler(model.broadcast(spark), null, 3, 42, temperature, batch);
  }

  private static void assertSame(Row row, Row expected) {
    assertThat(row.<Integer>getAs("label")).isEqualTo(expected.<Integer>getAs("label"));
    assertThat(values(row)).containsExactly(values(expected), within(1e-4f));
    assertThat(row.<Double>getAs("log_prob"))
        .isCloseTo(expected.<Double>getAs("log_prob"), within(1e-4));
  }

  @Test
  void theTemperatureScalesTheNoiseAndNotTheDensity() {
    RealNVP flow = RealNVP.of(model.network());
    List<Row> rows = rows(sampler(0.5, 100).sample(spark, SampleCounts.same(20, 3), 2));
    int[] labels = rows.stream().mapToInt(row -> row.<Integer>getAs("label")).toArray();
    INDArray x =
        Nd4j.createFromArray(rows.stream().map(SampleTest::values).toArray(float[][]::new));
    INDArray context = ClassContext.oneHot(labels, 3);
    long[] indices = LongStream.range(0, 60).map(id -> id % 20).toArray();
    float[] noise = RowNoise.draw(42, labels, indices, FEATURES);
    float[][] z = flow.forward(x, context).outputs().toFloatMatrix();
    double[] logProb = flow.logProb(x, context).toDoubleVector();
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < FEATURES; j++) {
        assertThat(z[i][j]).isCloseTo(0.5f * noise[i * FEATURES + j], within(1e-4f));
      }
      assertThat(rows.get(i).<Double>getAs("log_prob")).isCloseTo(logProb[i], within(1e-3));
    }
  }

  @Test
  void neighboursAreTheNearestTrainRows() throws IOException {
    List<Row> samples =
        sample("near", "sample.neighbours=5", "sample.counts=cat=4,fox=20", "inference.batch=7");
    List<Row> train =
        spark
            .read()
            .parquet(folder.resolve("embeddings").toString())
            .where("split = 'train'")
            .collectAsList();
    double[] scale = RealNVP.of(model.network()).scaling().orElseThrow().scale();
    Dataset<Row> table = spark.read().parquet(folder.resolve("near/neighbours").toString());
    List<Row> near = table.where("source = 'sample'").orderBy("id").collectAsList();
    assertThat(near.stream().map(row -> row.<Long>getAs("id"))).containsExactly(0L, 1L, 2L, 4L, 5L);
    for (Row row : near) {
      Row sample = samples.get((int) (long) row.<Long>getAs("id"));
      assertThat(row.<String>getAs("label_name")).isEqualTo(sample.<String>getAs("label_name"));
      Row nearest =
          train.stream()
              .min(Comparator.comparingDouble(other -> distance(sample, other, scale)))
              .orElseThrow();
      assertThat(row.<Long>getAs("neighbour_id")).isEqualTo(nearest.<Long>getAs("id"));
      assertThat(row.<String>getAs("neighbour_label_name"))
          .isEqualTo(nearest.<String>getAs("label"));
      assertThat(row.<Double>getAs("distance"))
          .isCloseTo(distance(sample, nearest, scale), within(1e-3));
    }
    assertThat(table.where("source = 'test'").count()).isEqualTo(150);
    assertThat(table.where("source = 'test' and id % 4 = 0 and neighbour_id % 4 > 0").count())
        .isEqualTo(150);
  }

  private static double distance(Row one, Row other, double[] scale) {
    float[] a = values(one);
    float[] b = values(other);
    return Math.sqrt(
        IntStream.range(0, FEATURES).mapToDouble(j -> Math.pow((a[j] - b[j]) / scale[j], 2)).sum());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sample.counts=cow=3 | sample.counts: expected classes of cat, dog, fox",
        "sample.counts=3=3 | sample.counts: expected classes of cat, dog, fox",
        "sample.counts=cat | sample.counts: expected CLASS=N, parted by commas, such as"
            + " 0=100,3=5000",
        "sample.counts=cat=1,0=1 | sample.counts: expected class 0 once",
        "sample.counts=cat=-1 | sample.counts: expected a whole number of at least 1 for class cat",
        "sample.counts=cat=1.5 | sample.counts: expected a whole number of at least 1 for class cat",
        "sample.per-class=0 | sample.per-class: expected a whole number of at least 1",
        "sample.neighbours=-1 | sample.neighbours: expected a whole number of at least 0",
        "sample.steps=1 | sample.steps: expected a whole number of at least 2",
        "sample.temperature=0 | sample.temperature: expected a number above 0",
        "sample.temperature=-1 | sample.temperature: expected a number above 0",
      })
  void namesTheSettingThatCannotBe(String set, String message) {
    assertThatThrownBy(() -> sample("refused", set))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("setting " + message + "; got ");
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @Test
  void theReportSaysThatATableOfNeighboursIsIncompleteOrDamaged() throws IOException {
    sample("torn", "sample.neighbours=2", "sample.per-class=1");
    Config config = settings("paths.samples=" + folder.resolve("torn"));
    assertThat(notes(config))
        .hasSize(2)
        .first()
        .asString()
        .matches("nearest train row: in the median .* from each of 2 samples, .* of 150 test rows");
    Path incomplete = Files.createFile(folder.resolve("torn/_incomplete"));
    assertThat(notes(config)).hasSize(1).first().asString().contains(" is incomplete ");
    Files.delete(incomplete);
    try (Stream<Path> files = Files.list(folder.resolve("torn/neighbours"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.writeString(file, "no Parquet");
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      }
    }
    assertThat(notes(config)).hasSize(1).first().asString().startsWith("cannot read ");
  }

  private static List<String> notes(Config config) throws IOException {
    return new RunPictures(spark, config)
        .read().stream()
            .filter(picture -> picture.heading().equals("Nearest train images"))
            .flatMap(picture -> picture.notes().stream())
            .toList();
  }

  @Test
  void anInterpolationGoesFromRowToRow() throws IOException {
    sample("between", "sample.interpolate=14, 12", "sample.steps=4", "sample.per-class=1");
    List<Row> path =
        spark
            .read()
            .parquet(folder.resolve("between/interpolation").toString())
            .orderBy("step")
            .collectAsList();
    assertThat(path.stream().map(row -> row.<Double>getAs("weight")))
        .containsExactly(0.0, 1 / 3.0, 2 / 3.0, 1.0);
    Dataset<Row> embeddings = spark.read().parquet(folder.resolve("embeddings").toString());
    RealNVP flow = RealNVP.of(model.network());
    int[] steps = {0, 3};
    int[] ids = {14, 12};
    for (int i = 0; i < 2; i++) {
      Row row = path.get(steps[i]);
      float[] end = values(embeddings.where("id = " + ids[i]).first());
      assertThat(values(row)).containsExactly(end, within(1e-4f));
      double logProb =
          flow.logProb(
                  Nd4j.createFromArray(new float[][] {end}),
                  ClassContext.oneHot(new int[] {ids[i] % 3}, 3))
              .getDouble(0);
      assertThat(row.<Double>getAs("log_prob")).isCloseTo(logProb, within(1e-3));
      assertThat(row.<byte[]>getAs("pixels")).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1,2,3", "a,b", "1.5,2", "1234567890123456789,1"})
  void anInterpolationIsOfTwoIds(String ids) {
    assertThatThrownBy(() -> sample("refused", "sample.interpolate=" + ids))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "setting sample.interpolate: expected the ids of two rows of the embeddings, such as"
                + " 17,4711; got \"%s\"",
            ids);
  }

  @Test
  void theRowsOfAnInterpolationMustBeThereAndHaveLabels() throws IOException {
    assertThatThrownBy(() -> sample("refused", "sample.interpolate=1,600"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            folder.resolve("embeddings") + " has no row with id 600 (setting sample.interpolate)");
    String strangers = folder.resolve("strangers").toString();
    spark
        .sql("select id, 'cow' label, array(1d, 2d, 3d) embedding from range(2)")
        .write()
        .parquet(strangers);
    assertThatThrownBy(
            () -> sample("refused", "sample.interpolate=1,0", "paths.embeddings=" + strangers))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("row 1 of %s has label null; the flow takes 0 to 2", strangers);
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @Test
  void neighboursNeedTrainRows() {
    assertThatThrownBy(() -> sample("refused", "sample.neighbours=1", "flow.where=split = 'test'"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            folder.resolve("embeddings")
                + " where split = 'test' has no train rows to be neighbours");
    assertThatThrownBy(
            () -> sample("refused", "sample.neighbours=1", "paths.embeddings=" + folder + "/none"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(folder + "/none");
    assertThat(folder.resolve("refused")).doesNotExist();
  }
}
