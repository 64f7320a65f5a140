package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.run.Provenance;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.AtomicOutput;
import dev.realnvp.spark.storage.CatalogTable;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.ChecksumException;

/** What is in the place of a stage's output. */
sealed interface StageOutput {

  /** Nothing, or an empty folder. */
  record Missing() implements StageOutput {}

  /** A whole output of the stage. */
  record Whole(Manifest manifest) implements StageOutput {}

  /** Something else: torn, damaged, or of another maker. */
  record Unusable(String reason) implements StageOutput {}

  /**
   * Looks at the place that the settings name. Models are read; of tables the manifest, and how
   * many rows their files have.
   *
   * @throws IOException if the file system fails
   */
  static StageOutput read(Run run, RunStage stage) throws IOException {
    String place = run.place(stage.path());
    Optional<CatalogTable> named = Job.table(run.spark(), run.config(), stage.path());
    if (named.isPresent() ? !named.get().exists() : !AtomicOutput.exists(run.hadoop(), place)) {
      return new Missing();
    }
    try {
      Manifest manifest =
          run.manifest(stage)
              .orElseThrow(() -> new InvalidInputException(place + " has no manifest"));
      if (!manifest.kind().equals(stage.kind())) {
        throw new InvalidInputException(
            "%s holds %s, not %s".formatted(place, manifest.kind(), stage.kind()));
      }
      switch (stage) {
        case TRAIN_AUTOENCODER, TRAIN_CLASSIFIER, TRAIN_FLOW -> run.model(stage);
        case INGEST, EXTRACT_EMBEDDINGS, SCORE, SAMPLE ->
            requireRows(
                manifest, run.reading(stage.path(), () -> run.table(stage.path()).count()), place);
        case EVALUATE -> Evaluate.read(run);
        case COMPARE -> {}
      }
      return new Whole(manifest);
    } catch (InvalidInputException | ChecksumException e) {
      return new Unusable(e.getMessage());
    }
  }

  private static void requireRows(Manifest manifest, long got, String place) {
    Object expected = manifest.config().get(Provenance.ROWS);
    if (!(expected instanceof Number rows) || rows.longValue() != got) {
      throw new InvalidInputException(
          "%s has %d rows, and %s by its manifest".formatted(place, got, expected));
    }
  }
}
