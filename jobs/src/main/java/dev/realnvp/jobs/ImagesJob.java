package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;
import picocli.CommandLine.Option;

/** The options of the jobs that read images/. */
abstract class ImagesJob<R> extends Job<R> {

  @Option(names = "--input", paramLabel = "DIR", description = "The images (paths.images).")
  final void input(String input) {
    set("paths.images", input);
  }
}
