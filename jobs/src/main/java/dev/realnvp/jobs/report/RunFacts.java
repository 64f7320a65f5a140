package dev.realnvp.jobs.report;

import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.scores.Detections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a report shows of a run.
 *
 * @param run its folder
 * @param made when the report was made
 * @param stages every stage, in the pipeline's order
 * @param metrics of the evaluation
 * @param trainings those that are done, and those that are not
 * @param pictures of samples, reconstructions and what there is besides
 * @param embeddings in two dimensions
 * @param base where the flow takes rows
 * @param scores their densities
 * @param historyServer the command that shows Spark's event logs
 * @param settings that decided what the stages made
 */
public record RunFacts(
    String run,
    String made,
    List<Stage> stages,
    Content<Merit> metrics,
    List<Training> trainings,
    List<Picture> pictures,
    Content<Plane> embeddings,
    Content<BaseSpaceRows> base,
    Content<Scores> scores,
    Content<String> historyServer,
    List<Setting> settings) {

  /**
   * A stage and its output.
   *
   * @param job its name
   * @param place of the output
   * @param rows that its manifest counts; null where it counts none
   */
  public record Stage(String job, String place, Content<Manifest> manifest, Long rows) {}

  /**
   * Figures of merit.
   *
   * @param figures by name; null for one that there is none of
   * @param against how well other images are told; null where none were named
   */
  public record Merit(Map<String, Double> figures, Detections against) {}

  /**
   * A picture.
   *
   * @param heading above it
   * @param description what it shows, without a stop
   * @param notes below it, without a stop each
   * @param png the picture
   */
  public record Picture(
      String heading, String description, List<String> notes, Content<byte[]> png) {}

  /**
   * A setting that a stage was run with.
   *
   * @param job the stage's name
   * @param usual the default, where the value is another; else empty
   */
  public record Setting(String job, String key, String value, String usual) {}

  /** The manifests that are there, by the stage's name. */
  Map<String, Manifest> manifests() {
    Map<String, Manifest> manifests = new LinkedHashMap<>();
    for (Stage stage : stages) {
      if (stage.manifest() instanceof Content.Present<Manifest> there) {
        manifests.put(stage.job(), there.value());
      }
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
