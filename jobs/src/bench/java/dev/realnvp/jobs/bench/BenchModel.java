package dev.realnvp.jobs.bench;

import java.util.List;
import java.util.stream.Stream;

/** A model that the measures train. */
enum BenchModel {
  FLOW("flow", "flow"),
  /** The flow with spline couplings. */
  SPLINE("spline", "flow", "flow.coupling=spline"),
  AUTOENCODER("autoencoder", "autoencoder");

  private final String title;
  private final String section;
  private final List<String> settings;

  BenchModel(String title, String section, String... settings) {
    this.title = title;
    this.section = section;
    this.settings = List.of(settings);
  }

  /** As the names of lines begin. */
  String title() {
    return title;
  }

  /** Of the settings. */
  String section() {
    return section;
  }

  /** What differs from the user's settings, and more, each as {@code key=value}. */
  String[] settings(String... more) {
    return Stream.concat(settings.stream(), Stream.of(more)).toArray(String[]::new);
  }
}
