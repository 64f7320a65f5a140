package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;

/** The options of the jobs that read a table of embeddings. */
abstract class EmbeddingsJob<R> extends Job<R> {

  EmbeddingsJob() {
    option("--input", "DIR", "paths.embeddings", "Parquet with an array column");
    option("--features-col", "COLUMN", "flow.features-col", "The array column");
    option(
        "--label-col",
        "COLUMN",
        "flow.label-col",
        "The column of the classes, whole numbers or strings");
    option(
        "--where",
        "SQL",
        "flow.where",
        "Which rows: a predicate on the table's columns, \"year > 2020\"");
    option("--skip-invalid", "", "skip-invalid", "Leave out rows with NaN or infinite values");
  }
}
