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
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.FlowSampler;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.StoredModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            "select id, array('cat', 'dog', 'fox')[id % 3] label,"
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
    List<Float> list = row.getList(row.fieldIndex("embedding"));
    float[] values = new float[list.size()];
    for (int j = 0; j < values.length; j++) {
      values[j] = list.get(j);
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
        "sample.temperature=0 | sample.temperature: expected a number above 0",
        "sample.temperature=-1 | sample.temperature: expected a number above 0",
      })
  void namesTheSettingThatCannotBe(String set, String message) {
    assertThatThrownBy(() -> sample("refused", set))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("setting " + message + "; got ");
    assertThat(folder.resolve("refused")).doesNotExist();
  }
}
