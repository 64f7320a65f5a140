package dev.realnvp.jobs;

import static org.apache.spark.sql.functions.col;

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
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/**
 * The rows between two rows of the embeddings, each under its own label.
 *
 * @param from where it begins
 * @param to where it ends
 * @param names of the labels, where they have any
 * @param steps how many rows, both ends included
 */
record SampleInterpolation(LabelledVector from, LabelledVector to, LabelNames names, int steps) {

  /** The table's folder, in that of the samples. */
  static final String FOLDER = "interpolation";

  private static final String ROWS = "sample.interpolate";
  private static final Pattern IDS = Pattern.compile("\\s*(-?\\d{1,18})\\s*,\\s*(-?\\d{1,18})\\s*");

  /** Two rows, by their ids. */
  record Ids(long from, long to) {}

  /**
   * The rows that the settings name, if they name any.
   *
   * @throws ConfigurationException if that is something else than two ids
   */
  static Optional<Ids> ids(Config config) {
    String text = config.getString(ROWS);
    if (text.isBlank()) {
      return Optional.empty();
    }
    Matcher ids = IDS.matcher(text);
    if (!ids.matches()) {
      throw Settings.wrong(config, ROWS, "the ids of two rows of the embeddings, such as 17,4711");
    }
    return Optional.of(new Ids(Long.parseLong(ids.group(1)), Long.parseLong(ids.group(2))));
  }

  /**
   * Finds the rows.
   *
   * @throws InvalidInputException if one is not there, or has no label that the flow needs
   */
  static SampleInterpolation of(Ids ids, int steps, EmbeddingTable table, RealNVP flow) {
    List<LabelledVector> rows =
        LabelledVector.collect(table.rows().where(col("id").isin(ids.from(), ids.to())));
    return new SampleInterpolation(
        row(ids.from(), rows, table, flow), row(ids.to(), rows, table, flow), table.names(), steps);
  }

  private static LabelledVector row(
      long id, List<LabelledVector> rows, EmbeddingTable table, RealNVP flow) {
    LabelledVector row =
        rows.stream()
            .filter(some -> some.id() == id)
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s has no row with id %d (setting %s)".formatted(table.name(), id, ROWS)));
    Integer label = row.label();
    if (flow.context() > 0 && (label == null || label >= flow.context())) {
      throw new InvalidInputException(
          "row %d of %s has label %s; the flow takes 0 to %d"
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
    Console.say("interpolated: %d rows from %s to %s", steps, shown(from), shown(to));
    return images;
  }

  private String shown(LabelledVector row) {
    Integer label = row.label();
    if (label == null) {
      return "row " + row.id();
    }
    return "row %d (%s)"
        .formatted(row.id(), names.isEmpty() ? "label " + label : names.names().get(label));
  }
}
