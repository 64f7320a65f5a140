package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Every job, and the {@code main} that runs one by its name, which is that of its script. */
public final class Jobs {

  private static final List<Supplier<Job<?>>> ALL =
      List.of(
          Ingest::new,
          TrainAutoencoder::new,
          TrainClassifier::new,
          ExtractEmbeddings::new,
          TrainFlow::new,
          Score::new,
          Sample::new,
          Evaluate::new,
          Compare::new,
          Report::new,
          Pipeline::new,
          Doctor::new,
          Export::new,
          Import::new);

  private Jobs() {}

  /** A new job of each kind, by its name. */
  public static SortedMap<String, Job<?>> all() {
    return ALL.stream()
        .<Job<?>>map(Supplier::get)
        .collect(
            Collectors.toMap(
                job -> job.getClass().getAnnotation(Command.class).name(),
                job -> job,
                (one, other) -> one,
                TreeMap::new));
  }

  /**
   * Runs a job to its end, and the JVM with it.
   *
   * @param args the job's name, and its options
   */
  public static void main(String[] args) {
    SortedMap<String, Job<?>> jobs = all();
    Job<?> job = args.length == 0 ? null : jobs.get(args[0]);
    if (job == null) {
      System.err.println("error: expected a job first, one of " + jobs.keySet());
      System.exit(Main.USAGE);
    }
    Main.exit(job, Arrays.copyOfRange(args, 1, args.length));
  }
}
