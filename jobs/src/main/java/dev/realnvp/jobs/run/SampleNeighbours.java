package dev.realnvp.jobs.run;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.column.MetricFeatures;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.inference.SampleCounts;
import dev.realnvp.spark.neighbours.NearestDistances;
import dev.realnvp.spark.neighbours.Neighbours;
import dev.realnvp.spark.neighbours.Neighbours.Neighbour;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Whether samples are copies: some of them, and some rows that were held out, with the train rows
 * that are nearest to them.
 *
 * @param table what the flow was trained on
 * @param ids the columns of its ids
 * @param measure what distances are measured of
 * @param most how many samples are looked at
 */
public record SampleNeighbours(
    EmbeddingTable table, List<String> ids, Neighbours.Measure measure, int most) {

  /** The table's folder, in that of the samples. */
  public static final String FOLDER = "neighbours";

  /** The value of the column {@code source} for a sample; for another row it is the row's split. */
  private static final String SAMPLE = "sample";

  /** With more, a task would exceed Spark's recommended size. */
  private static final int ROWS_OF_A_FILE = 5000;

  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false, "sample; or test, a row that was held out")
          .add("id", DataTypes.LongType, false, "of the sample, or of the row in the embeddings")
          .add("label", DataTypes.IntegerType, true, "its class, from 0; null without classes")
          .add(
              "neighbour_id",
              DataTypes.LongType,
              false,
              "the nearest train row's in the embeddings")
          .add("neighbour_label", DataTypes.IntegerType, true, "that row's class")
          .add(
              "distance",
              DataTypes.DoubleType,
              false,
              "Euclidean, between the features in standard deviations");

  /** So many held-out rows place the 1 % quantile within a factor of two or so of 1 %. */
  private static final int HELD_OUT = 1000;

  /** A sample and its nearest train row, by their ids. */
  public record Pair(long sample, long row) {}

  /**
   * Distances are measured after the flow's own scaling or by its kinds of features, or after the
   * train rows' scaling where it has none.
   *
   * @throws InvalidInputException if there are no train rows
   */
  public static SampleNeighbours of(
      EmbeddingTable table, List<String> ids, RealNVP flow, int most) {
    if (table.splits().get(Split.TRAIN) == 0) {
      throw new InvalidInputException(table.name() + " has no train rows to be neighbours");
    }
    Optional<MetricFeatures> metric = FlowModel.metric(flow, table.encoder());
    if (metric.isPresent()) {
      return new SampleNeighbours(table, ids, metric.get()::of, most);
    }
    FeatureScaling scaling =
        flow.scaling()
            .orElseGet(() -> FeatureScaling.of(Embeddings.moments(table.split(Split.TRAIN))));
    return new SampleNeighbours(table, ids, scaling::standardise, most);
  }

  /**
   * Writes the table of the first samples, and says how near they are.
   *
   * @param folder where the samples are
   * @return the samples that were looked at, the nearest to a train row first
   */
  public List<Pair> write(SparkSession spark, String folder, SampleCounts counts)
      throws IOException {
    List<LabelledVector> samples =
        LabelledVector.collect(counts.first(Run.table(spark, folder), most));
    List<LabelledVector> points = new ArrayList<>(samples);
    points.addAll(LabelledVector.sample(table, Split.TEST, HELD_OUT));
    List<Neighbour> nearest = Neighbours.nearest(table.split(Split.TRAIN), measure, points);

    int split = samples.size();
    List<Row> rows = new ArrayList<>(rows(SAMPLE, samples, nearest));
    rows.addAll(
        rows(
            Split.TEST,
            points.subList(split, points.size()),
            nearest.subList(split, points.size())));
    ParquetFiles.write(
        spark,
        asTable(spark, rows, table.names(), names(rows)).write(),
        folder + "/" + FOLDER,
        rows.size());
    say(rows);
    return IntStream.range(0, split)
        .filter(i -> nearest.get(i) != null)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> nearest.get(i).distance()))
        .map(i -> new Pair(samples.get(i).id(), nearest.get(i).id()))
        .toList();
  }

  /** A row for each point that has a neighbour. */
  private static List<Row> rows(
      String source, List<LabelledVector> points, List<Neighbour> nearest) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      Neighbour near = nearest.get(i);
      if (near != null) {
        LabelledVector point = points.get(i);
        rows.add(
            RowFactory.create(
                source, point.id(), point.label(), near.id(), near.label(), near.distance()));
      }
    }
    return rows;
  }

  /**
   * The table; with the labels' names as last columns, if they have any.
   *
   * @param ids strings for the ids of rows, where these are no whole numbers; else empty
   */
  private static Dataset<Row> asTable(
      SparkSession spark, List<Row> rows, LabelNames names, Map<Long, String> ids) {
    Dataset<Row> table =
        spark.createDataFrame(
            JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(rows, 1 + rows.size() / ROWS_OF_A_FILE),
            SCHEMA);
    if (!ids.isEmpty()) {
      UDF1<Long, String> id = ids::get;
      UserDefinedFunction named = functions.udf(id, DataTypes.StringType);
      Column sample = functions.col("source").equalTo(SAMPLE);
      Column own = functions.col("id");
      table =
          table
              .withColumn(
                  "id", functions.when(sample, own.cast("string")).otherwise(named.apply(own)))
              .withColumn("neighbour_id", named.apply(functions.col("neighbour_id")));
    }
    return names.isEmpty()
        ? table
        : table
            .withColumn("label_name", names.name(functions.col("label")))
            .withColumn("neighbour_label_name", names.name(functions.col("neighbour_label")));
  }

  /** What rows are called whose ids are no whole numbers. */
  private Map<Long, String> names(List<Row> rows) {
    Map<Long, String> names = new HashMap<>();
    if (!table.identified()) {
      Object[] found = rows.stream().flatMap(row -> Stream.of(row.get(1), row.get(3))).toArray();
      Column name = functions.min(EmbeddingTable.name(ids));
      for (Row row :
          table.rows().where(col("id").isin(found)).groupBy("id").agg(name).collectAsList()) {
        names.put(row.getLong(0), row.getString(1));
      }
    }
    return names;
  }

  private static void say(List<Row> rows) {
    distances(rows)
        .ifPresentOrElse(
            distances -> distances.sentences().forEach(line -> Console.say("%s", line)),
            () -> Console.say("no sample is at a finite distance from a train row"));
  }

  /**
   * How near the samples are by the table of an earlier {@link #write}; empty of no samples.
   *
   * @param folder where the samples are
   * @throws InvalidInputException if the folder is incomplete
   */
  public static Optional<NearestDistances> read(SparkSession spark, String folder)
      throws IOException {
    Location.of(spark.sparkContext().hadoopConfiguration(), folder).requireComplete();
    return distances(Run.table(spark, folder + "/" + FOLDER).collectAsList());
  }

  private static Optional<NearestDistances> distances(List<Row> rows) {
    double[] samples = distances(rows, SAMPLE);
    return samples.length == 0
        ? Optional.empty()
        : Optional.of(NearestDistances.of(samples, distances(rows, Split.TEST)));
  }

  private static double[] distances(List<Row> rows, String source) {
    return rows.stream()
        .filter(row -> row.getString(SCHEMA.fieldIndex("source")).equals(source))
        .mapToDouble(row -> row.getDouble(SCHEMA.fieldIndex("distance")))
        .toArray();
  }
}
