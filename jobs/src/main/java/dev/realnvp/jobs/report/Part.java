package dev.realnvp.jobs.report;

/** Something that a report shows, or why it does not. */
public sealed interface Part<T> {

  /** It is there. */
  record There<T>(T value) implements Part<T> {}

  /** It is not there yet, or cannot be read. */
  record Missing<T>(String reason) implements Part<T> {}
}
