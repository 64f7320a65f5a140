package dev.realnvp.jobs;

import static dev.realnvp.jobs.PipelineRun.LAYOUT;
import static dev.realnvp.spark.Vectors.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.autoencoder.AutoencoderEngine;
import dev.realnvp.spark.images.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pictures of a whole run against its tables. */
@ExtendWith(SharedRuns.class)
class PipelinePicturesTest {

  private final PipelineRun run;

  PipelinePicturesTest(PipelineRun run) {
    this.run = run;
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

  @Test
  void anInterpolationEndsAtReconstructions() throws IOException {
    BufferedImage strip =
        ImageIO.read(
            run.folder().resolve("run a/samples").resolve(Pictures.INTERPOLATION).toFile());
    assertThat(strip.getHeight()).isBetween(110, 130);
    List<Row> path =
        run.table("samples/" + SampleInterpolation.FOLDER).orderBy("step").collectAsList();
    assertThat(path).hasSize(12);
    float[] code = floats(path.get(11).getList(path.get(11).fieldIndex("embedding")));
    assertThat(code)
        .containsExactly(
            floats(
                run.table("embeddings").where("id = 500").select("embedding").first().getList(0)),
            within(1e-3f));
    byte[][] decoded =
        Pixels.toBytes(
            AutoencoderEngine.of(Autoencoder.of(run.model("autoencoder").network()))
                .decode(code, 1),
            1,
            LAYOUT);
    byte[] pixels = path.get(11).getAs("pixels");
    for (int i = 0; i < pixels.length; i++) {
      assertThat(pixels[i] & 0xff).isCloseTo(decoded[0][i] & 0xff, within(1));
    }
  }
}
