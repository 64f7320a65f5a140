package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

import com.typesafe.config.Config;
import dev.realnvp.autoencoder.Autoencoder;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.report.BaseSpaceRows;
import dev.realnvp.jobs.report.Plane;
import dev.realnvp.jobs.report.Scores;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.inference.Explanations;
import dev.realnvp.spark.model.ModelKinds;
import dev.realnvp.spark.model.StoredModel;
import dev.realnvp.spark.summary.BaseSpace;
import dev.realnvp.spark.summary.Histogram;
import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.summary.PrincipalPlane;
import dev.realnvp.spark.summary.ValueRange;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a report shows of a run's embeddings and scores: a bounded number of rows comes to the
 * driver, all else is counted on the executors.
 */
final class RunDensities {

  private static final String LOG_PROB = "log_prob";

  private static final int ROWS = 2000;
  private static final int SAMPLES = 500;
  private static final int BINS = 60;
  private static final int STRANGEST = 10;

  /** Of a standard normal's values, fewer than one in ten thousand are further from 0. */
  private static final double FARTHEST_Z = 4;

  private final SparkSession spark;
  private final Config config;
  private final Optional<Dataset<Row>> compared;
  private EmbeddingTable table;
  private Rows rows;

  /** Some rows of the embeddings, of the test split where there is one. */
  private record Rows(String split, List<LabelledVector> vectors) {}

  /**
   * @throws InvalidInputException as {@link #compared}
   */
  RunDensities(SparkSession spark, Config config) throws IOException {
    this.spark = spark;
    this.config = config;
    this.compared = compared(spark, config);
  }

  /**
   * The table to compare with, if one is named.
   *
   * @throws InvalidInputException if it is none of scores
   */
  static Optional<Dataset<Row>> compared(SparkSession spark, Config config) throws IOException {
    if (config.getString("report.compare").isEmpty()) {
      return Optional.empty();
    }
    Dataset<Row> table = Inputs.table(spark, config, "report.compare");
    if (!List.of(table.columns()).contains(LOG_PROB)) {
      throw new InvalidInputException(
          "%s has no column %s, only %s"
              .formatted(config.getString("report.compare"), LOG_PROB, List.of(table.columns())));
    }
    return Optional.of(table);
  }

  /** The embeddings in the plane in which they vary most, and samples over them. */
  Plane plane() throws IOException {
    List<LabelledVector> vectors = rows().vectors();
    PrincipalPlane plane =
        PrincipalPlane.fit(JavaSparkContext.fromSparkContext(spark.sparkContext()), vectors);
    return new Plane(plane.varianceShares(), points(plane, vectors), points(plane, samples()));
  }

  private static List<Plane.Point> points(PrincipalPlane plane, List<LabelledVector> vectors) {
    List<Plane.Point> points = new ArrayList<>();
    for (LabelledVector vector : vectors) {
      double[] at = plane.project(vector.values());
      if (Double.isFinite(at[0]) && Double.isFinite(at[1])) {
        points.add(new Plane.Point(at[0], at[1], vector.label()));
      }
    }
    return points;
  }

  private List<LabelledVector> samples() throws IOException {
    if (!Inputs.isThere(spark, config, "paths.samples")) {
      return List.of();
    }
    Dataset<Row> samples = Inputs.table(spark, config, "paths.samples");
    return LabelledVector.sample(samples, samples.count(), SAMPLES, col("id"));
  }

  /** Where the flow takes the rows. */
  BaseSpaceRows base() throws IOException {
    RealNVP flow = RealNVP.of(Inputs.flow(spark, config).network());
    Rows some = rows();
    Histogram values =
        Histogram.of(BaseSpace.of(flow, some.vectors()), -FARTHEST_Z, FARTHEST_Z, BINS);
    return new BaseSpaceRows(some.split(), some.vectors().size(), flow.features(), values);
  }

  private Rows rows() {
    if (rows == null) {
      EmbeddingTable table = table();
      String split = table.splits().get(Split.TEST) > 0 ? Split.TEST : Split.TRAIN;
      rows = new Rows(split, LabelledVector.sample(table, split, ROWS));
    }
    return rows;
  }

  private EmbeddingTable table() {
    if (table == null) {
      table = Inputs.embeddings(spark, config);
    }
    return table;
  }

  /** How likely the rows of each split are, and those of the table to compare with. */
  Scores scores() throws IOException {
    Dataset<Row> scores = Inputs.table(spark, config, "paths.scores");
    Map<String, Dataset<Row>> tables = new LinkedHashMap<>();
    for (String split : List.of(Split.TRAIN, Split.TEST)) {
      tables.put(split, scores.where(col("split").equalTo(split)));
    }
    compared.ifPresent(table -> tables.put(config.getString("report.compare"), table));
    ValueRange range = range(scores);
    List<Scores.Table> counted = new ArrayList<>();
    tables.forEach(
        (name, table) -> {
          Histogram histogram = Histogram.of(table, LOG_PROB, range.low(), range.high(), BINS);
          if (histogram.total() > 0) {
            counted.add(new Scores.Table(name, histogram));
          }
        });
    List<Scores.StrangeRow> strangest = strangest(scores);
    return new Scores(counted, strangest, RunReader.content(() -> pictures(strangest)));
  }

  private static List<Scores.StrangeRow> strangest(Dataset<Row> scores) {
    if (!List.of(scores.columns()).contains(Explanations.COLUMN)) {
      return List.of();
    }
    return scores
        .where(col(Explanations.COLUMN).isNotNull())
        .orderBy(LOG_PROB, "id")
        .limit(STRANGEST)
        .select("id", LOG_PROB, Explanations.COLUMN)
        .collectAsList()
        .stream()
        .map(
            row ->
                new Scores.StrangeRow(
                    row.getLong(0), row.getDouble(1), Explanations.repairs(row.getList(2))))
        .toList();
  }

  /**
   * Of the rows that have images, if there is an autoencoder whose code their embeddings can be.
   *
   * @throws InvalidInputException if it is another one than the embeddings are of
   */
  private Map<Long, byte[]> pictures(List<Scores.StrangeRow> strangest) throws IOException {
    for (String key : List.of("paths.images", "paths.autoencoder", "paths.embeddings")) {
      if (strangest.isEmpty() || !Inputs.isThere(spark, config, key)) {
        return Map.of();
      }
    }
    StoredModel model = Inputs.model(spark, config, "paths.autoencoder", ModelKinds.AUTOENCODER);
    String coder =
        Inputs.manifest(spark, config, RunStage.EXTRACT_EMBEDDINGS)
            .map(manifest -> manifest.parents().get(ModelKinds.AUTOENCODER))
            .orElse(null);
    if (coder != null && !coder.equals(model.manifest().id())) {
      throw new InvalidInputException(
          "the embeddings are of autoencoder %s, not of %s in %s"
              .formatted(coder, model.manifest().id(), config.getString("paths.autoencoder")));
    }
    Autoencoder autoencoder = Autoencoder.of(model.network());
    Pictures pictures = new Pictures(spark, autoencoder);
    if (!pictures.possible() || autoencoder.code() != table().features()) {
      return Map.of();
    }
    List<LabelledVector> embeddings =
        LabelledVector.collect(
            table()
                .rows()
                .where(col("id").isin(strangest.stream().map(Scores.StrangeRow::id).toArray())));
    return Inputs.reading(
        config, "paths.images", () -> pictures.repairs(config, strangest, embeddings));
  }

  private ValueRange range(Dataset<Row> scores) {
    ValueRange range =
        ValueRange.of(scores, LOG_PROB)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        config.getString("paths.scores") + " has no finite " + LOG_PROB));
    return compared
        .flatMap(table -> ValueRange.of(table, LOG_PROB))
        .map(range::widenedFor)
        .orElse(range)
        .withWidth();
  }
}
