package dev.realnvp.jobs.cli;

import dev.realnvp.model.EpochStats;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.OutputLease;
import dev.realnvp.spark.training.TrainingListener;
import dev.realnvp.spark.training.TrainingPlan;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Shows a training as it goes: how far its rows are prepared, a bar per epoch on a terminal, and a
 * line per epoch with the losses, examples per second and the time left. With more than {@value
 * #LINES} epochs, only some have a line.
 */
public class TrainingProgress implements TrainingListener, AutoCloseable {

  /** The most lines of epochs, but for the last one's. */
  private static final int LINES = 50;

  private final StageProgress preparation;
  private final String unit;
  private int epochs;
  private double seconds;
  private int epochsHere;
  private ProgressBar bar;
  private final JobMetrics metrics = JobMetrics.get();
  private long roundStart = System.nanoTime();
  private long examplesBefore;

  /**
   * @param spark whose stages are shown until the workers have their rows
   * @param unit of the loss, "nats" say
   */
  public TrainingProgress(SparkSession spark, String unit) {
    this.preparation = StageProgress.show(spark, "preparing the rows");
    this.unit = unit;
  }

  @Override
  public void starts(long parameters, TrainingPlan plan) {
    epochs = plan.settings().epochs();
    Console.say(
        "%,d parameters, batch %d, learning rate %s%s",
        parameters,
        plan.settings().batchSize(),
        (float) plan.learningRate(),
        plan.workers() == 1
            ? ""
            : ", %d workers, averaging interval %d"
                .formatted(plan.workers(), plan.settings().averagingInterval()));
  }

  @Override
  public void requireWanted() {
    OutputLease.verifyOwn();
  }

  @Override
  public void rowsReady() {
    preparation.close();
    roundStart = System.nanoTime();
  }

  @Override
  public void roundDone(int epoch, long done, long rows, double loss) {
    long now = System.nanoTime();
    metrics.roundDone(epoch, loss, done - examplesBefore, (now - roundStart) / 1e9);
    roundStart = now;
    examplesBefore = done;
    if (!Console.interactive()) {
      return;
    }
    if (bar == null) {
      bar = Console.bar("epoch " + epoch + "/" + epochs, rows);
    }
    bar.stepTo(done);
    bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4f", loss));
  }

  @Override
  public void resumed(String file, int epoch, int step) {
    Console.say(
        epoch > epochs
            ? "all %2$d epochs are done, by %4$s"
            : "goes on in epoch %d/%d after %,d batches a worker, from %s",
        epoch,
        epochs,
        step,
        Location.display(new Path(file)));
  }

  @Override
  public void checkpointRefused(String file, String reason) {
    Console.say("not used: %s is %s", Location.display(new Path(file)), reason);
  }

  @Override
  public void checkpointFailed(String folder, String reason) {
    endBar();
    Console.say("no checkpoint could be saved in %s (%s); the training goes on", folder, reason);
  }

  @Override
  public void rewound(String reason, int rewinds, int maxRewinds) {
    endBar();
    Console.say(
        "%s. Back to before the round, with half the learning rate (%d of at most %d times)",
        reason, rewinds, maxRewinds);
  }

  @Override
  public void epochDone(EpochStats epoch) {
    endBar();
    // Validation is no part of a round.
    roundStart = System.nanoTime();
    examplesBefore = 0;
    seconds += epoch.seconds();
    epochsHere++;
    if (epoch.epoch() % ((epochs + LINES - 1) / LINES) != 0 && epoch.epoch() < epochs) {
      return;
    }
    double left = seconds / epochsHere * (epochs - epoch.epoch());
    String validation =
        Double.isNaN(epoch.validationLoss())
            ? ""
            : String.format(Locale.ROOT, "  validation %.4f", epoch.validationLoss());
    Console.say(
        "epoch %d/%d  loss %.4f%s %s  %,.0f examples/s  %.1f s  left %s",
        epoch.epoch(),
        epochs,
        epoch.trainLoss(),
        validation,
        unit,
        epoch.examples() / epoch.seconds(),
        epoch.seconds(),
        Console.clock(left));
  }

  @Override
  public void bestKept(EpochStats best, EpochStats last) {
    Console.say(
        "the validation loss was lowest after epoch %d of %d, %.4f; later it rose, to %.4f: the model is that of epoch %1$d",
        best.epoch(), last.epoch(), best.validationLoss(), last.validationLoss());
  }

  private void endBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    preparation.close();
    endBar();
  }
}
