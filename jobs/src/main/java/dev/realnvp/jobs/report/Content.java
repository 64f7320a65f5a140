package dev.realnvp.jobs.report;

import java.util.Optional;

/** Something that a report shows, or why it does not. */
public sealed interface Content<T> {

  /** It is there. */
  record Present<T>(T value) implements Content<T> {}

  /** It is not there yet, or cannot be read. */
  record Absent<T>(String reason) implements Content<T> {}

  default Optional<T> there() {
    return this instanceof Present<T> present ? Optional.of(present.value) : Optional.empty();
  }
}
