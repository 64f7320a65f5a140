package dev.realnvp.jobs;

import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.flow.ClassContext;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.data.InvalidInputException;
import dev.realnvp.spark.data.PixelLayout;
import dev.realnvp.spark.data.Pixels;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.StoredModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.w3c.dom.Document;

/** A whole small run on 1,000 images of Fashion-MNIST; its outputs against their models. */
@ExtendWith(LocalSpark.class)
class PipelineTest {

  private static final PixelLayout LAYOUT = new PixelLayout(28, 28, 1);

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Config config;
  private static Metrics metrics;

  @BeforeAll
  static void run(SparkSession session) throws IOException {
    spark = session;
    config = settings("run a");
    metrics = new Pipeline().run(spark, config);
  }

  private static Config settings(String run, String... more) {
    List<String> sets =
        Stream.concat(
                Stream.of(
                    "autoencoder.epochs=2",
                    "classifier.epochs=2",
                    "flow.epochs=2",
                    "flow.hidden=[16]",
                    "flow.couplings=3",
                    "sample.per-class=12",
                    "sample.neighbours=40",
                    "sample.interpolate=3,500",
                    "sample.steps=12",
                    "inference.batch=64",
                    "ingest.data=src/test/resources/fashion-mnist-1000"),
                Stream.of(more))
            .toList();
    return Settings.load(null, sets, Map.of("run", folder.resolve(run).toString()));
  }

  private static Dataset<Row> table(String name) {
    return spark.read().parquet(folder.resolve("run a").resolve(name) + "/*.parquet");
  }

  private static StoredModel model(String name) throws IOException {
    return ModelDirectory.read(
        new Configuration(), folder.resolve("run a").resolve(name).toString(), name);
  }

  @Test
  void tablesHaveTheColumnsThatReadersRelyOn() {
    assertThat(columns("images"))
        .isEqualTo(
            "id BIGINT,split STRING,label INT,height INT,width INT,channels INT,pixels BINARY");
    assertThat(columns("embeddings"))
        .isEqualTo(
            "id BIGINT,split STRING,label INT,embedding ARRAY<FLOAT>,reconstruction_error DOUBLE");
    assertThat(columns("scores"))
        .isEqualTo(
            "id BIGINT,split STRING,label INT,log_prob DOUBLE,log_prob_label DOUBLE,"
                + "predicted_label INT,predicted_probability DOUBLE,posterior ARRAY<FLOAT>,"
                + "percentile DOUBLE,typicality DOUBLE,reconstruction_error DOUBLE,"
                + "anomaly_score DOUBLE,anomaly BOOLEAN,class_anomaly BOOLEAN");
    assertThat(columns("samples"))
        .isEqualTo("id BIGINT,label INT,log_prob DOUBLE,embedding ARRAY<FLOAT>,pixels BINARY");
  }

  private static String columns(String name) {
    return Arrays.stream(table(name).schema().fields())
        .map(column -> column.name() + " " + column.dataType().sql())
        .collect(Collectors.joining(","));
  }

  @Test
  void everyColumnSaysWhatItMeans() {
    for (String name :
        List.of(
            "images",
            "embeddings",
            "scores",
            "samples",
            "samples/" + SampleNeighbours.FOLDER,
            "samples/" + SampleInterpolation.FOLDER)) {
      assertThat(table(name).schema().fields())
          .as(name)
          .allMatch(column -> column.getComment().isDefined());
    }
    assertThat(table("scores").schema().apply("log_prob").getComment().get())
        .isEqualTo("log p(x), the class summed out, in nats");
    assertThat(table("samples").schema().apply("log_prob").getComment().get())
        .isEqualTo("log p(x | label), in nats, of the flow itself, whatever the temperature");
  }

  @Test
  void everyRowGoesThroughEveryStage() {
    Dataset<Row> ids = table("images").select("id", "split", "label");
    assertThat(ids.count()).isEqualTo(1000);
    for (String name : List.of("embeddings", "scores")) {
      Dataset<Row> got = table(name).select("id", "split", "label");
      assertThat(got.count()).isEqualTo(1000);
      assertThat(got.except(ids).count()).isZero();
    }
  }

  @Test
  void embeddingsAreTheAutoencodersCodes() throws IOException {
    Autoencoder autoencoder = Autoencoder.of(model("autoencoder").network());
    List<Row> rows =
        table("images")
            .select("id", "pixels")
            .join(table("embeddings").select("id", "embedding"), "id")
            .where(col("id").mod(97).equalTo(3))
            .collectAsList();
    assertThat(rows).hasSizeGreaterThan(5);
    for (Row row : rows) {
      byte[][] pixels = {row.getAs("pixels")};
      float[] code = autoencoder.encode(Pixels.toArray(pixels, LAYOUT)).toFloatMatrix()[0];
      assertThat(floats(row.getList(2))).containsExactly(code, within(1e-4f));
    }
  }

  @Test
  void scoresAreTheFlowsDensities() throws IOException {
    RealNVP flow = RealNVP.of(model("flow").network());
    List<Row> rows =
        table("embeddings")
            .select("id", "label", "embedding")
            .join(table("scores").select("id", "log_prob", "log_prob_label"), "id")
            .where(col("id").mod(89).equalTo(1))
            .collectAsList();
    assertThat(rows).hasSizeGreaterThan(5);
    for (Row row : rows) {
      INDArray x = Nd4j.createFromArray(new float[][] {floats(row.getList(2))});
      INDArray context = ClassContext.oneHot(new int[] {row.getInt(1)}, 10);
      double logProb = flow.logProb(x, context).getDouble(0);
      assertThat(row.<Double>getAs("log_prob_label")).isCloseTo(logProb, within(1e-2));
      // p(x) >= pi_k p(x | k), and each class is a tenth of the rows, more or less.
      assertThat(row.<Double>getAs("log_prob")).isGreaterThan(logProb - Math.log(20));
    }
  }

  @Test
  void aSamplesDensityIsTheFlowsAtThatPoint() throws IOException {
    RealNVP flow = RealNVP.of(model("flow").network());
    List<Row> rows = table("samples").collectAsList();
    assertThat(rows).hasSize(120);
    assertThat(table("samples").groupBy("label").count().where("count = 12").count()).isEqualTo(10);
    for (Row row : rows.subList(0, 20)) {
      INDArray x = Nd4j.createFromArray(new float[][] {floats(row.getList(3))});
      double logProb =
          flow.logProb(x, ClassContext.oneHot(new int[] {row.getInt(1)}, 10)).getDouble(0);
      assertThat(row.getDouble(2)).isCloseTo(logProb, within(1e-2));
    }
  }

  @Test
  void samplesDoNotDependOnThePartitions() throws IOException {
    Config other = settings("run a", "inference.batch=7", "paths.samples=" + folder.resolve("s"));
    new Sample().run(spark, other);
    Dataset<Row> again = spark.read().parquet(folder.resolve("s") + "/*.parquet");
    List<Row> rows =
        table("samples")
            .select("id", "embedding")
            .join(again.select("id", "embedding"), "id")
            .collectAsList();
    assertThat(rows).hasSize(120);
    for (Row row : rows) {
      assertThat(floats(row.getList(1))).containsExactly(floats(row.getList(2)), within(1e-3f));
    }
  }

  @Test
  void metricsAreThoseOfTheTables() throws IOException {
    double nll =
        table("scores")
            .where("split = 'test'")
            .selectExpr("-avg(log_prob_label)")
            .first()
            .getDouble(0);
    assertThat(metrics.testNll()).isCloseTo(nll, within(1e-9));
    assertThat(metrics.roundtripMaxError()).isBetween(0.0, 1e-3);
    assertThat(metrics.testBce()).isBetween(0.2, 0.7);
    Path file = folder.resolve("run a/evaluation/metrics.json");
    Map<?, ?> written = new ObjectMapper().readValue(file.toFile(), Map.class);
    assertThat(written.keySet().stream().map(Object::toString))
        .containsExactlyInAnyOrder(
            "test_bce",
            "test_nll",
            "test_nll_no_label",
            "classifier_accuracy",
            "reconstruction_accuracy",
            "sample_accuracy",
            "roundtrip_max_error",
            "posterior_ece",
            "posterior_brier",
            "false_alarm_rate",
            "false_alarms",
            "class_false_alarms",
            "against");
    assertThat(metrics.against()).isNull();
    assertThat(written.get("test_nll")).isEqualTo(metrics.testNll());
    double brier =
        table("scores")
            .where("split = 'test'")
            .selectExpr(
                "avg(aggregate(transform(posterior, (p, k) -> double(p) - int(k = label)), 0d,"
                    + " (sum, off) -> sum + off * off))")
            .first()
            .getDouble(0);
    assertThat(metrics.posteriorBrier()).isCloseTo(brier, within(1e-6));
    assertThat(metrics.posteriorEce()).isBetween(0.0, 1.0);
    assertThat(metrics.falseAlarmRate()).isEqualTo(config.getDouble("score.false-alarm-rate"));
    assertThat(metrics.falseAlarms()).isBetween(0.0, 0.05);
    assertThat(metrics.classFalseAlarms()).isBetween(0.0, 0.2);
  }

  @Test
  void aFlowWithoutClassesIsEvaluatedWithoutThem() throws IOException {
    Config free =
        settings(
            "free",
            "flow.conditional=false",
            "paths.images=" + folder.resolve("run a/images"),
            "paths.autoencoder=" + folder.resolve("run a/autoencoder"),
            "paths.classifier=" + folder.resolve("run a/classifier"),
            "paths.embeddings=" + folder.resolve("run a/embeddings"),
            "flow.validation=0.2",
            "score.false-alarm-rate=0.1");
    new TrainFlow().run(spark, free);
    new Score().run(spark, free);
    assertThat(new Sample().run(spark, free).rows()).isEqualTo(12);
    Metrics figures = new Evaluate().run(spark, free);
    assertThat(figures.sampleAccuracy()).isNull();
    assertThat(figures.testNll()).isFinite().isEqualTo(figures.testNllNoLabel());
    assertThat(figures.posteriorEce()).isNull();
    assertThat(figures.posteriorBrier()).isNull();
    assertThat(figures.classFalseAlarms()).isNull();
    // Calibrated on validation rows, the test rows are judged as scores/ has them.
    double marked =
        spark
            .read()
            .parquet(folder.resolve("free/scores").toString())
            .where("split = 'test'")
            .selectExpr("avg(int(anomaly))")
            .first()
            .getDouble(0);
    assertThat(figures.falseAlarmRate()).isEqualTo(0.1);
    assertThat(figures.falseAlarms()).isEqualTo(marked).isBetween(0.02, 0.3);
  }

  @Test
  void picturesShowTenOfEachClass() throws IOException {
    BufferedImage grid =
        ImageIO.read(folder.resolve("run a/samples").resolve(Pictures.GRID).toFile());
    assertThat(grid.getWidth()).isBetween(560, 600);
    assertThat(grid.getHeight()).isBetween(560, 600);
    assertThat(folder.resolve("run a/samples").resolve(Pictures.RECONSTRUCTIONS)).exists();
  }

  @Test
  void neighboursShowThirtySamplesAboveTheirNearestTrainImages() throws IOException {
    BufferedImage pairs =
        ImageIO.read(folder.resolve("run a/samples").resolve(Pictures.NEIGHBOURS).toFile());
    byte[] image =
        table("samples/" + SampleNeighbours.FOLDER)
            .where("source = 'sample'")
            .orderBy("distance")
            .limit(1)
            .join(table("images").withColumnRenamed("id", "neighbour_id"), "neighbour_id")
            .select("pixels")
            .first()
            .getAs(0);
    assertThat(pairs.getWidth()).isBetween(560, 600);
    assertThat(pairs.getHeight()).isBetween(340, 360);
    for (int y = 0; y < 28; y++) {
      for (int x = 0; x < 28; x++) {
        // Of the second row of images, the first one; each is 56 wide, and 3 from the next.
        assertThat(pairs.getRGB(3 + 2 * x, 3 + 59 + 2 * y) & 0xff)
            .isEqualTo(image[28 * y + x] & 0xff);
      }
    }
  }

  @Test
  void anInterpolationEndsAtReconstructions() throws IOException {
    BufferedImage strip =
        ImageIO.read(folder.resolve("run a/samples").resolve(Pictures.INTERPOLATION).toFile());
    assertThat(strip.getHeight()).isBetween(110, 130);
    List<Row> path = table("samples/" + SampleInterpolation.FOLDER).orderBy("step").collectAsList();
    assertThat(path).hasSize(12);
    float[] code = floats(path.get(11).getList(path.get(11).fieldIndex("embedding")));
    assertThat(code)
        .containsExactly(
            floats(table("embeddings").where("id = 500").select("embedding").first().getList(0)),
            within(1e-3f));
    byte[][] decoded =
        Pixels.toBytes(
            Autoencoder.of(model("autoencoder").network())
                .decode(Nd4j.createFromArray(new float[][] {code})),
            LAYOUT);
    byte[] pixels = path.get(11).getAs("pixels");
    for (int i = 0; i < pixels.length; i++) {
      assertThat(pixels[i] & 0xff).isCloseTo(decoded[0][i] & 0xff, within(1));
    }
  }

  @Test
  void theReportShowsAllOfTheRun() throws Exception {
    Document page = report("run a/report");
    assertSelfContained(page);
    assertThat(texts(page, "//li[@class = 'done']/h3"))
        .containsExactly(Stream.of(RunStage.values()).map(RunStage::job).toArray(String[]::new));
    assertThat(texts(page, "//figure[img]/h3"))
        .containsExactly("Samples", "Reconstructions", "Nearest train images", "Interpolation");
    assertThat(texts(page, "//figcaption[contains(., 'Nearest train row: in the median ')]"))
        .hasSize(1);
    // Without the program's main there is no event log.
    assertThat(texts(page, "//p[@class = 'missing']"))
        .containsExactly("Not there yet: no " + folder.resolve("run a/spark-events") + ".");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .hasSize(6)
        .contains(
            "200 embeddings and 120 samples in the plane of their first two principal components",
            "Histograms of log p(x) of train, test");
    assertThat(texts(page, "//img/@alt")).hasSize(4);
    assertThat(texts(page, "//tr[td[2] = 'flow.epochs']/td"))
        .containsExactly("train-flow", "flow.epochs", "2", "20");
    assertThat(texts(page, "//tr[td[1] = 'test_nll']/td[2]"))
        .containsExactly(String.format(Locale.ROOT, "%.5g", metrics.testNll()));
    assertThat(texts(page, "//tr[contains(td[1], 'run a/scores')]/td[4]"))
        .singleElement()
        .asString()
        .contains("flow " + model("flow").manifest().id());
  }

  @Test
  void aReportComparesScoresAndSaysWhatIsNotThere() throws Exception {
    String scores = folder.resolve("run a/scores").toString();
    Config begun =
        settings(
            "begun",
            "paths.images=" + folder.resolve("run a/images"),
            "paths.scores=" + scores,
            "report.compare=" + scores);
    new Report().run(spark, begun);
    Document page = report("begun/report");
    assertSelfContained(page);
    assertThat(texts(page, "//li[@class = 'done']/h3")).containsExactly("ingest", "score");
    assertThat(texts(page, "//li[@class = 'waits']/p")).hasSize(6).containsOnly("Not there yet.");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .containsExactly("Histograms of log p(x) of train, test, " + scores);
    assertThat(texts(page, "//p[contains(., 'further')]"))
        .satisfiesExactly(
            train -> assertThat(train).startsWith("train: 800 rows, of which "),
            test -> assertThat(test).startsWith("test: 200 rows"),
            both -> assertThat(both).startsWith(scores + ": 1,000 rows, of which "));

    Config wrong = settings("begun", "report.compare=" + folder.resolve("run a/images"));
    assertThatThrownBy(() -> new Report().run(spark, wrong))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("run a/images has no column log_prob, only [id, split,");
    Config none = settings("begun", "report.compare=nowhere");
    assertThatThrownBy(() -> new Report().run(spark, none))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("there is no nowhere (setting report.compare)");
  }

  private static Document report(String place) throws Exception {
    return parse(Files.readString(folder.resolve(place).resolve(Report.FILE)));
  }

  @Test
  void manifestsNameTheParentsAndTheHistory() throws IOException {
    StoredModel flow = model("flow");
    assertThat(flow.manifest().parents())
        .containsEntry("autoencoder", model("autoencoder").manifest().id());
    assertThat(flow.manifest().history()).hasSize(2);
    assertThat(flow.manifest().history().get(1))
        .containsEntry("epoch", 2)
        .containsEntry("examples", 800)
        .containsKeys("seconds", "train_loss", "validation_loss");
    assertThat((double) flow.manifest().history().get(1).get("averaging_seconds"))
        .isBetween(0.0, (double) flow.manifest().history().get(1).get("seconds"));
    assertThat(flow.manifest().parameters()).isEqualTo(flow.network().numParams());
  }

  @Test
  void refusesAModelOfAnotherKindOrWidth() {
    Config kind =
        settings("b", "paths.flow=" + folder.resolve("run a/autoencoder"), "paths.embeddings=x");
    assertThatThrownBy(() -> new Score().run(spark, kind))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("of kind autoencoder; expected flow");
    String narrow = folder.resolve("narrow").toString();
    spark.sql("select 1L as id, array(1.0f, 2.0f) as embedding").write().parquet(narrow);
    Config width =
        settings("b", "paths.flow=" + folder.resolve("run a/flow"), "paths.embeddings=" + narrow);
    assertThatThrownBy(() -> new Score().run(spark, width))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("features 2")
        .hasMessageContaining("takes 20");
    assertThat(folder.resolve("b/scores")).doesNotExist();
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }
}
