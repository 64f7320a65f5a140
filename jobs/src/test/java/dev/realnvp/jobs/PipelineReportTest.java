package dev.realnvp.jobs;

import static dev.realnvp.jobs.report.ReportPages.assertSelfContained;
import static dev.realnvp.jobs.report.ReportPages.parse;
import static dev.realnvp.jobs.report.ReportPages.texts;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.flow.Explainer;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.jobs.report.Numbers;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.Vectors;
import dev.realnvp.spark.images.Pixels;
import dev.realnvp.spark.inference.Explanations;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** The page that shows a whole run, and one that shows a run that has begun. */
class PipelineReportTest {

  private final PipelineRun run = SharedRuns.images();

  @Test
  void theReportShowsAllOfTheRun() throws Exception {
    Document page = report("run a/report");
    assertSelfContained(page);
    assertThat(texts(page, "//li[@class = 'done']/h3"))
        .containsExactly(RunStage.OF_IMAGES.stream().map(RunStage::job).toArray(String[]::new));
    assertThat(texts(page, "//figure[img]/h3"))
        .containsExactly("Samples", "Reconstructions", "Nearest train images");
    assertThat(texts(page, "//figcaption[contains(., 'Nearest train row: in the median ')]"))
        .hasSize(1);
    // Without the program's main there is no event log.
    assertThat(texts(page, "//p[@class = 'missing']"))
        .containsExactly("Not there yet: no " + run.runs().path("run a/spark-events") + ".");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .hasSize(7)
        .contains(
            "Histograms of anomaly_score of train, test", "Histograms of log p(x) of train, test");
    assertThat(texts(page, "//figure/img/@alt")).hasSize(3);
    // Each of the strangest rows has its image, and what is decoded of its embedding.
    assertThat(texts(page, "//tr/td[7]//img/@src")).hasSize(10);
    assertThat(texts(page, "//tr[td[2] = 'flow.epochs']/td"))
        .containsExactly("train-flow", "flow.epochs", "2", "0");
    assertThat(texts(page, "//tr[td[1] = 'test_nll']/td[2]"))
        .containsExactly(Numbers.text(run.metrics().figure("test_nll")));
    assertThat(texts(page, "//tr[contains(td[1], 'run a/scores')]/td[4]"))
        .singleElement()
        .asString()
        .contains("flow " + run.model("flow").manifest().id());
  }

  @Test
  void aReportComparesScoresAndSaysWhatIsNotThere() throws Exception {
    String scores = run.runs().path("run a/scores");
    run.runs()
        .run(
            new Report(),
            "begun",
            run.own("images"),
            run.own("scores"),
            "report.compare=" + scores);
    Document page = report("begun/report");
    assertSelfContained(page);
    assertThat(texts(page, "//li[@class = 'done']/h3")).containsExactly("ingest", "score");
    assertThat(texts(page, "//li[@class = 'waits']/p")).hasSize(6).containsOnly("Not there yet.");
    assertThat(texts(page, "//svg[not(@aria-hidden)]/@aria-label"))
        .containsExactly(
            "Histograms of anomaly_score of train, test, " + scores,
            "Histograms of log p(x) of train, test, " + scores);
    assertThat(texts(page, "//p[contains(., 'further')]"))
        .as("the splits that have rows beyond the ends, of which there must be some")
        .anyMatch(text -> text.startsWith("train: 800 rows, of which "))
        .anyMatch(text -> text.startsWith(scores + ": 1,000 rows, of which "));

    String images = "report.compare=" + run.runs().path("run a/images");
    run.runs()
        .refused(false, new Report(), "begun", images)
        .contains("run a/images has no column log_prob, only [id, split,");
  }

  /** Their images, those of their embeddings, and those of the embeddings with normal values. */
  @Test
  void explainedRowsHaveThreePictures() throws Exception {
    Runs explained = explained();
    explained.score("explained");
    explained.run(new Report(), "explained");

    Document page = report("explained/report");
    assertSelfContained(page);
    assertThat(texts(page, "//tr/td[8]//img/@src")).hasSize(10);
    Row strangest =
        explained
            .scores("explained")
            .join(run.table("embeddings").select("id", "embedding"), "id")
            .join(run.table("images").select("id", "pixels"), "id")
            .orderBy(col("anomaly_score").desc())
            .select("id", "explanation", "embedding", "pixels")
            .first();
    BufferedImage picture =
        ImageIO.read(
            new ByteArrayInputStream(
                Base64.getDecoder()
                    .decode(
                        texts(
                                page,
                                "//tr[td[1] = '%d']/td[8]//img/@src"
                                    .formatted(strangest.getLong(0)))
                            .get(0)
                            .substring("data:image/png;base64,".length()))));
    float[] embedding = Vectors.floats(strangest.getList(2));
    float[] repaired = embedding.clone();
    for (Explainer.Counterfactual repair : Explanations.repairs(strangest.getList(1))) {
      repaired[repair.feature()] = repair.normal();
    }
    assertThat(repaired).isNotEqualTo(embedding);
    Autoencoder decoder = Autoencoder.of(run.model("autoencoder").network());
    List<byte[]> expected =
        List.of(
            strangest.getAs(3),
            Pixels.toBytes(decoder.decode(embedding, 1), 1, decoder.image())[0],
            Pixels.toBytes(decoder.decode(repaired, 1), 1, decoder.image())[0]);
    for (int i = 0; i < 3; i++) {
      for (int p = 0; p < 28 * 28; p++) {
        // Each image is 56 wide, and 3 from the next.
        assertThat(picture.getRGB(3 + 59 * i + p % 28 * 2, 3 + p / 28 * 2) & 0xff)
            .isEqualTo(expected.get(i)[p] & 0xff);
      }
    }
  }

  @Test
  void picturesAreOfTheEmbeddingsThatAreExplained() throws Exception {
    explained().score("changed");
    String others =
        run.runs()
            .write(
                "changed/embeddings",
                run.table("embeddings")
                    .withColumn(
                        "embedding", expr("transform(embedding, x -> cast(x + 1 as float))")));
    explained().run(new Report(), "changed", others);
    Document page = report("changed/report");
    assertThat(texts(page, "//td[contains(., 'nats); feature ')]")).hasSize(10);
    assertThat(texts(page, "//td//img")).isEmpty();
  }

  /** Settings that write scores beside the run's, with explanations. */
  private Runs explained() {
    return run.runs()
        .with("score.explain=2", "score.explain-rows=all")
        .with(run.own("images"), run.own("autoencoder"), run.own("embeddings"), run.own("flow"));
  }

  private Document report(String place) throws Exception {
    return parse(Files.readString(run.folder().resolve(place).resolve(Report.FILE)));
  }
}
