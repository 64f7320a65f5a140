package dev.realnvp.jobs.bench;

import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.spark.images.ImageTable;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.images.Pixels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Milliseconds of a step of the autoencoder with one worker, all that a step has in it, against
 * {@code fit} of the same architecture out of DL4J's own layers, in one thread too.
 */
record StockLayers() implements Measure {

  private static final int WARM = 10;
  private static final int STEPS = 40;

  @Override
  public String name() {
    return "stock-layers";
  }

  @Override
  public String unit() {
    return "ms";
  }

  @Override
  public Goal goal() {
    return Goal.gainAtLeast(10);
  }

  @Override
  public Reading take(Workbench bench) throws IOException {
    int batch = bench.setting("autoencoder.batch");
    List<Double> ours = bench.training("autoencoder", 1).millisecondsAStep(1, batch);
    return Reading.best(ours).against(stock(bench, batch));
  }

  private static List<Double> stock(Workbench bench, int batch) throws IOException {
    ImageTable images = Images.read(bench.spark(), bench.images());
    byte[][] pixels =
        images.rows().select("pixels").limit(batch).collectAsList().stream()
            .map(row -> row.<byte[]>getAs(0))
            .toArray(byte[][]::new);
    DataSet minibatch = Autoencoder.trainingBatch(Pixels.toArray(pixels, images.layout()));
    MultiLayerNetwork network = StockAutoencoder.create(images.layout().height());
    List<Double> milliseconds = new ArrayList<>();
    for (int step = 0; step < WARM + STEPS; step++) {
      long start = System.nanoTime();
      network.fit(minibatch);
      if (step >= WARM) {
        milliseconds.add((System.nanoTime() - start) / 1e6);
      }
    }
    return milliseconds;
  }
}
