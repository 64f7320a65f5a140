package dev.realnvp.spark.training;

import java.util.ArrayList;
import java.util.List;

/** Notes what it hears, and fails in a round as the driver's death would. */
final class Interrupter implements TrainingListener {
  final List<String> heard = new ArrayList<>();
  private final int lastRound;
  int rounds;

  Interrupter(int lastRound) {
    this.lastRound = lastRound;
  }

  @Override
  public void roundDone(int epoch, long done, long rows, double loss) {
    rounds++;
    if (rounds > lastRound) {
      throw new IllegalStateException("killed");
    }
  }

  @Override
  public void resumed(String file, int epoch, int step) {
    heard.add("resumed " + epoch + " " + step);
  }

  @Override
  public void checkpointRefused(String file, String reason) {
    heard.add("refused " + reason);
  }

  @Override
  public void checkpointFailed(String where, String reason) {
    heard.add("failed " + reason);
  }
}
