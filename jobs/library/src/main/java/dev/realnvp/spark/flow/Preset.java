package dev.realnvp.spark.flow;

import dev.realnvp.spark.training.TrainingPlan;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a table's flow has where the settings leave it open, by how many rows the table has or shall
 * count as.
 */
public enum Preset {
  /** Few rows, which a flow could learn by heart, and whose anomalies it could learn. */
  SMALL(1),
  /** As many as the flow's size was chosen for. */
  DEFAULT(TrainingPlan.TABLE),
  /** So many that a more flexible flow pays. */
  LARGE(1_000_000);

  private final long least;

  Preset(long least) {
    this.least = least;
  }

  /** The one of a table of so many rows. */
  static Preset of(long rows) {
    return Arrays.stream(values()).filter(preset -> rows < preset.end()).findFirst().orElseThrow();
  }

  /** For which tables it is usual, as "fewer than 60,000 rows". */
  public String tables() {
    return this == SMALL
        ? String.format(Locale.ROOT, "fewer than %,d rows", end())
        : String.format(Locale.ROOT, "%,d rows or more", least);
  }

  /** So many rows, or the nearest number of them of which this one is. */
  long rows(long rows) {
    return Math.max(least, Math.min(rows, end() - 1));
  }

  private long end() {
    return ordinal() + 1 < values().length ? values()[ordinal() + 1].least : Long.MAX_VALUE;
  }
}
