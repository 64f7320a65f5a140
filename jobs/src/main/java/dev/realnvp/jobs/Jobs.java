package dev.realnvp.jobs;

import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.jobs.images.ExtractEmbeddings;
import dev.realnvp.jobs.images.Ingest;
import dev.realnvp.jobs.images.TrainAutoencoder;
import dev.realnvp.jobs.images.TrainClassifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** Every job, and the {@code main} that runs one by its name, which is that of its script. */
public final class Jobs {

  private static final List<Class<? extends Job<?>>> ALL =
      List.of(
          Ingest.class,
          TrainAutoencoder.class,
          TrainClassifier.class,
          ExtractEmbeddings.class,
          TrainFlow.class,
          Score.class,
          Sample.class,
          Evaluate.class,
          Compare.class,
          Report.class,
          Pipeline.class,
          Doctor.class,
          Export.class,
          Import.class);

  private Jobs() {}

  /** A new job of each kind, by its name. */
  public static SortedMap<String, Job<?>> all() {
    SortedMap<String, Job<?>> jobs = new TreeMap<>();
    ALL.forEach(job -> jobs.put(name(job), make(job)));
    return jobs;
  }

  private static String name(Class<? extends Job<?>> job) {
    return job.getAnnotation(Command.class).name();
  }

  private static Job<?> make(Class<? extends Job<?>> job) {
    try {
      return job.getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Runs a job to its end, and the JVM with it.
   *
   * @param args the job's name, and its options
   */
  public static void main(String[] args) {
    Optional<Class<? extends Job<?>>> named =
        ALL.stream().filter(job -> args.length > 0 && name(job).equals(args[0])).findFirst();
    if (named.isEmpty()) {
      System.err.println("error: expected a job first, one of " + all().keySet());
      System.exit(Main.USAGE);
    }
    Main.exit(make(named.get()), Arrays.copyOfRange(args, 1, args.length));
  }
}
