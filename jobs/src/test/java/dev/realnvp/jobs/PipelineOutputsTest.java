package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.jobs.images.Pictures;
import dev.realnvp.jobs.run.SampleNeighbours;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The tables of a complete run, their columns and their rows, and the pictures beside them. */
class PipelineOutputsTest {

  private final PipelineRun run = SharedRuns.images();

  @Test
  void tablesHaveTheColumnsThatReadersRelyOn() {
    assertThat(columns("images"))
        .isEqualTo(
            "id BIGINT,split STRING,label INT,height INT,width INT,channels INT,pixels BINARY");
    assertThat(columns("embeddings"))
        .isEqualTo(
            "id BIGINT,split STRING,label INT,embedding ARRAY<FLOAT>,reconstruction_error DOUBLE,"
                + "relative_error DOUBLE");
    assertThat(columns("scores"))
        .isEqualTo(
            "id BIGINT,split STRING,label INT,log_prob DOUBLE,log_prob_label DOUBLE,"
                + "predicted_label INT,predicted_probability DOUBLE,posterior ARRAY<FLOAT>,"
                + "percentile DOUBLE,typicality DOUBLE,reconstruction_error DOUBLE,"
                + "relative_error DOUBLE,log_prob_z DOUBLE,distance DOUBLE,anomaly_score DOUBLE,anomaly BOOLEAN,class_anomaly BOOLEAN");
    assertThat(columns("samples"))
        .isEqualTo("id BIGINT,label INT,log_prob DOUBLE,embedding ARRAY<FLOAT>,pixels BINARY");
  }

  private String columns(String name) {
    return Arrays.stream(run.table(name).schema().fields())
        .map(column -> column.name() + " " + column.dataType().sql())
        .collect(Collectors.joining(","));
  }

  @Test
  void everyColumnSaysWhatItMeans() {
    for (String name :
        List.of(
            "images", "embeddings", "scores", "samples", "samples/" + SampleNeighbours.FOLDER)) {
      assertThat(run.table(name).schema().fields())
          .as(name)
          .allMatch(column -> column.getComment().isDefined());
    }
    assertThat(run.table("scores").schema().apply("log_prob").getComment().get())
        .startsWith("log p(x), the class summed out, in nats; null where that is not finite");
    assertThat(run.table("samples").schema().apply("log_prob").getComment().get())
        .isEqualTo("log p(x | label), in nats, of the flow itself, whatever the temperature");
  }

  @Test
  void everyRowGoesThroughEveryStage() {
    Dataset<Row> ids = run.table("images").select("id", "split", "label");
    assertThat(ids.count()).isEqualTo(1000);
    for (String name : List.of("embeddings", "scores")) {
      Dataset<Row> got = run.table(name).select("id", "split", "label");
      assertThat(got.count()).isEqualTo(1000);
      assertThat(got.except(ids).count()).isZero();
    }
  }

  @Test
  void picturesShowTenOfEachClass() throws IOException {
    BufferedImage grid =
        ImageIO.read(run.folder().resolve("run a/samples").resolve(Pictures.GRID).toFile());
    assertThat(grid.getWidth()).isBetween(560, 600);
    assertThat(grid.getHeight()).isBetween(560, 600);
    assertThat(run.folder().resolve("run a/samples").resolve(Pictures.RECONSTRUCTIONS)).exists();
  }

  @Test
  void neighboursShowThirtySamplesAboveTheirNearestTrainImages() throws IOException {
    BufferedImage pairs =
        ImageIO.read(run.folder().resolve("run a/samples").resolve(Pictures.NEIGHBOURS).toFile());
    byte[] image =
        run.table("samples/" + SampleNeighbours.FOLDER)
            .where("source = 'sample'")
            .orderBy("distance")
            .limit(1)
            .join(run.table("images").withColumnRenamed("id", "neighbour_id"), "neighbour_id")
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
}
