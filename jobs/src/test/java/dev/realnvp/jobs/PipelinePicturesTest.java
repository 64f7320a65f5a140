package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.ImageIO;
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
}
