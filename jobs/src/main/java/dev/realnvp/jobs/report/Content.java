package dev.realnvp.jobs.report;

/** Something that a report shows, or why it does not. */
public sealed interface Content<T> {

  /** It is there. */
  record Present<T>(T value) implements Content<T> {}

  /** It is not there yet, or cannot be read. */
  record Absent<T>(String reason) implements Content<T> {}
}
