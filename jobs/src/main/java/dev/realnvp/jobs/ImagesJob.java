package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;

/** The options of the jobs that read images/. */
abstract class ImagesJob<R> extends Job<R> {

  ImagesJob() {
    option("--input", "DIR", "paths.images", "The images");
  }
}
