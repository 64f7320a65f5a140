package dev.realnvp.jobs.report;

import java.util.List;
import java.util.Locale;

/** Colours of classes, which can be told apart on white and on black. */
final class Palette {

  private static final List<String> FEW =
      List.of(
          "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#c9a227", "#b07aa1", "#ff7f9b",
          "#9c755f", "#8a8a8a");

  /** Degrees between the colours of neighbouring classes: the golden angle keeps all apart. */
  private static final double TURN = 137.508;

  private Palette() {}

  /** A class's colour, of so many. */
  static String colour(int label, int classes) {
    return classes <= FEW.size()
        ? FEW.get(label)
        : String.format(Locale.ROOT, "hsl(%.0f 60%% 50%%)", label * TURN % 360);
  }
}
