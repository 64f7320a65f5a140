package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.flow.Interpolation;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.spark.failure.ConfigurationException;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.inference.ImageDecoder;
import dev.realnvp.spark.inference.InterpolationTable;
import dev.realnvp.spark.storage.ParquetFiles;
import dev.realnvp.spark.summary.LabelledVector;
import dev.realnvp.spark.table.EmbeddingTable;
import dev.realnvp.spark.table.LabelNames;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;

/**
 * The rows between two rows of the embeddings, each under its own label.
 *
 * @param ids of both ends
 * @param from where it begins
 * @param to where it ends
 * @param names of the labels, where they have any
 * @param steps how many rows, both ends included
 */
record SampleInterpolation(
    Ids ids, LabelledVector from, LabelledVector to, LabelNames names, int steps) {

  /** The table's folder, in that of the samples. */
  static final String FOLDER = "interpolation";

  /** The setting that names the rows. */
  static final String ROWS = "sample.interpolate";

  /** Two rows, by what {@link EmbeddingTable#name} calls them by some columns. */
  record Ids(List<String> columns, String from, String to) {}

  /**
   * The rows that the settings name, if they name any.
   *
   * @param columns of the ids
   * @throws ConfigurationException if that is something else than the ids of two rows
   * @throws InvalidInputException if there are no columns of ids
   */
  static Optional<Ids> ids(Config config, List<String> columns) {
    String text = config.getString(ROWS);
    if (text.isBlank()) {
      return Optional.empty();
    }
    if (columns.isEmpty()) {
      throw new InvalidInputException(
          "%s has no column id to find rows by (setting %s): name its ids by --id-col"
              .formatted(config.getString("paths.embeddings"), ROWS));
    }
    List<String> parts = Arrays.stream(text.split(",", -1)).map(String::trim).toList();
    int each = columns.size();
    if (parts.size() != 2 * each) {
      throw Settings.wrong(
          config,
          ROWS,
          "the ids of two rows of the embeddings, "
              + (each == 1 ? "such as 17,4711" : String.join(",", columns) + " of each"));
    }
    String from = String.join(", ", parts.subList(0, each));
    return Optional.of(new Ids(columns, from, String.join(", ", parts.subList(each, 2 * each))));
  }

  /**
   * Finds the rows.
   *
   * @param table whose rows keep their ids
   * @throws InvalidInputException if one is not there, or several are, or it has no label that the
   *     flow needs
   */
  static SampleInterpolation of(Ids ids, int steps, EmbeddingTable table, RealNVP flow) {
    LabelledVector from = row(ids, ids.from(), table, flow);
    return new SampleInterpolation(
        ids, from, row(ids, ids.to(), table, flow), table.names(), steps);
  }

  private static LabelledVector row(Ids ids, String id, EmbeddingTable table, RealNVP flow) {
    Column found = EmbeddingTable.name(ids.columns()).equalTo(id);
    List<LabelledVector> rows = LabelledVector.collect(table.rows().where(found).limit(2));
    if (rows.size() != 1) {
      String many = rows.isEmpty() ? "no row" : "several rows, expected one,";
      throw new InvalidInputException(
          "%s has %s with id %s (setting %s)".formatted(table.name(), many, id, ROWS));
    }
    LabelledVector row = rows.get(0);
    Integer label = row.label();
    if (flow.context() > 0 && (label == null || label >= flow.context())) {
      throw new InvalidInputException(
          "row %s of %s has label %s; the flow takes 0 to %d"
              .formatted(id, table.name(), label, flow.context() - 1));
    }
    return row;
  }

  /**
   * Writes the table.
   *
   * @param folder where the samples are
   * @return the rows' images; empty without a decoder
   */
  List<byte[]> write(
      SparkSession spark, String folder, RealNVP flow, Optional<ImageDecoder> decoder)
      throws IOException {
    Interpolation path =
        Interpolation.between(
            flow,
            new Interpolation.End(from.values(), from.label()),
            new Interpolation.End(to.values(), to.label()),
            steps);
    List<byte[]> images =
        decoder.map(d -> List.of(d.pixels(path.rowMajor(), steps))).orElse(List.of());
    ParquetFiles.write(
        spark, InterpolationTable.of(spark, path, images).write(), folder + "/" + FOLDER, steps);
    Console.say(
        "interpolated: %d rows from %s to %s", steps, shown(ids.from(), from), shown(ids.to(), to));
    return images;
  }

  private String shown(String id, LabelledVector row) {
    Integer label = row.label();
    if (label == null) {
      return "row " + id;
    }
    return "row %s (%s)"
        .formatted(id, names.isEmpty() ? "label " + label : names.names().get(label));
  }
}
