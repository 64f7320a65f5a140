package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;
import picocli.CommandLine.Option;

/** The options of the jobs that read a table of embeddings. */
abstract class EmbeddingsJob<R> extends Job<R> {

  @Option(
      names = "--input",
      paramLabel = "DIR",
      description = "Parquet with an array column (paths.embeddings).")
  final void input(String input) {
    set("paths.embeddings", input);
  }

  @Option(
      names = "--features-col",
      paramLabel = "COLUMN",
      description = "The array column (flow.features-col).")
  final void featuresCol(String column) {
    set("flow.features-col", column);
  }

  @Option(
      names = "--label-col",
      paramLabel = "COLUMN",
      description = "The column of the classes, whole numbers or strings (flow.label-col).")
  final void labelCol(String column) {
    set("flow.label-col", column);
  }

  @Option(
      names = "--where",
      paramLabel = "SQL",
      description = "Which rows: a predicate on the table's columns, \"year > 2020\" (flow.where).")
  final void where(String predicate) {
    set("flow.where", predicate);
  }

  @Option(
      names = "--skip-invalid",
      description = "Leave out rows with NaN or infinite values (skip-invalid).")
  final void skipInvalid(boolean skip) {
    set("skip-invalid", skip);
  }
}
