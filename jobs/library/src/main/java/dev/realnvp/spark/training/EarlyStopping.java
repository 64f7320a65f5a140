package dev.realnvp.spark.training;

import dev.realnvp.model.EpochStats;
import java.util.List;

/**
 * When a training ends whose validation loss no longer falls (Prechelt 1998, Early stopping - but
 * when?). In any case it keeps the epoch of the lowest one; the last, if there is none.
 *
 * @param patience how many epochs in a row may be no better than the best before them; 0 to never
 *     stop
 */
public record EarlyStopping(int patience) {

  public static final EarlyStopping NEVER = new EarlyStopping(0);

  /** Whether the validation loss may end the training. */
  boolean on() {
    return patience > 0;
  }

  /**
   * Whether it is time to stop. Where no epoch has a finite validation loss, because a held-out row
   * has no finite density say, nothing is known of which is better, and all epochs are done.
   */
  boolean stops(List<EpochStats> history) {
    int best = best(history);
    return on() && best > 0 && history.size() - best >= patience;
  }

  /** The first epoch, from 1, of the lowest validation loss; 0 where none has a finite one. */
  public static int best(List<EpochStats> history) {
    int best = 0;
    double lowest = Double.POSITIVE_INFINITY;
    for (EpochStats epoch : history) {
      if (epoch.validationLoss() < lowest) {
        lowest = epoch.validationLoss();
        best = epoch.epoch();
      }
    }
    return best;
  }
}
