package dev.realnvp.jobs.report;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.summary.Histogram;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a report shows of a run.
 *
 * @param run its folder
 * @param made when the report was made
 * @param stages every stage, in the pipeline's order
 * @param settings that decided what the stages made
 * @param historyServer the command that shows Spark's event logs
 * @param trainings those that are done, and those that are not
 * @param metrics of the evaluation
 * @param data the table that the flow was trained on
 * @param densities of its rows
 * @param pictures of samples, reconstructions and what there is besides
 */
public record RunFacts(
    String run,
    String made,
    List<Stage> stages,
    List<Setting> settings,
    Content<String> historyServer,
    List<Training> trainings,
    Content<Metrics> metrics,
    Content<Data> data,
    Densities densities,
    List<Picture> pictures) {

  /**
   * A stage and its output.
   *
   * @param job its name
   * @param place of the output
   * @param rows that its manifest counts; null where it counts none
   */
  public record Stage(String job, String place, Content<Manifest> manifest, Long rows) {}

  /**
   * A table.
   *
   * @param place where it is
   * @param splits the rows of each split
   * @param features of each row
   * @param classes of its labels; 0 without labels
   * @param skipped rows that were left out, as they are not finite
   * @param imputed how many missing values of train rows have the mean in their place
   * @param fingerprint of its content
   */
  public record Data(
      String place,
      Map<String, Long> splits,
      int features,
      int classes,
      long skipped,
      long imputed,
      String fingerprint) {}

  /**
   * The threshold of {@code anomaly_score}.
   *
   * @param split of the rows that set it
   * @param rows how many set it
   * @param rate the share of normal rows that may be above it
   * @param value the threshold; infinite if there were too few rows
   */
  public record Threshold(String split, long rows, double rate, double value) {}

  /**
   * What a flow says of rows.
   *
   * @param base where it takes them
   * @param scores their densities
   * @param threshold that tells anomalies; null if there is none
   * @param classNames in their order; empty if the classes are numbers
   */
  public record Densities(
      Content<BaseSpaceRows> base,
      Content<Scores> scores,
      Threshold threshold,
      List<String> classNames) {}

  /** The name of a class; its number if the classes have none. */
  public static String className(List<String> names, int label) {
    return label < names.size() ? names.get(label) : Integer.toString(label);
  }

  /**
   * Where the flow takes rows.
   *
   * @param split that they are of
   * @param rows how many
   * @param features of each
   * @param values of all features, counted together
   */
  public record BaseSpaceRows(String split, int rows, int features, Histogram values) {}

  /**
   * A picture.
   *
   * @param heading above it
   * @param description what it shows, without a stop
   * @param notes below it, without a stop each
   * @param png the picture; empty if the notes are all that there is to show
   */
  public record Picture(
      String heading, String description, List<String> notes, Optional<Content<byte[]>> png) {}

  /**
   * A setting that a stage was run with.
   *
   * @param job the stage's name
   * @param usual the default, which is another value
   */
  public record Setting(String job, String key, String value, String usual) {}

  /** The manifests that are there, by the stage's name. */
  Map<String, Manifest> manifests() {
    Map<String, Manifest> manifests = new LinkedHashMap<>();
    for (Stage stage : stages) {
      stage.manifest().there().ifPresent(manifest -> manifests.put(stage.job(), manifest));
    }
    return manifests;
  }

  /**
   * A training.
   *
   * @param name of the model
   * @param unit of its loss
   * @param standing how far it is, where it is not done; else empty
   */
  public record Training(String name, String unit, String standing, List<EpochStats> epochs) {}
}
