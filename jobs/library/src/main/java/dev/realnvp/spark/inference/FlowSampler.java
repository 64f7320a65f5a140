package dev.realnvp.spark.inference;

import static org.apache.spark.sql.functions.col;

import dev.realnvp.flow.Context;
import dev.realnvp.flow.FlowEngine;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RowNoise;
import dev.realnvp.images.autoencoder.Autoencoder;
import dev.realnvp.spark.images.Pixels;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.table.BatchTransform;
import dev.realnvp.spark.table.Features;
import dev.realnvp.spark.table.LabelNames;
import dev.realnvp.spark.table.Schemas;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Samples of a flow, class by class, decoded to images where there is an autoencoder: {@code x =
 * f^-1(T u; label)} with u ~ N(0, I) and the temperature T. A sample's u follows from the seed, its
 * class and its index in the class alone ({@link RowNoise}), so it is the same however many
 * partitions and other samples there are.
 *
 * @param flow the flow's model
 * @param autoencoder the autoencoder's model, or null for no pixels
 * @param classes K, that the flow is conditioned on; 0 for an unconditional flow
 * @param seed of the base noise
 * @param temperature T, above 0: 1 for the flow's own distribution, less for likelier rows
 * @param batch rows of a batch
 */
public record FlowSampler(
    Broadcast<SharedModel> flow,
    Broadcast<SharedModel> autoencoder,
    int classes,
    long seed,
    double temperature,
    int batch)
    implements Serializable {

  /** The columns of samples/. */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false, "number of the sample")
          .add(
              "label",
              DataTypes.IntegerType,
              true,
              "class that was asked for, from 0; null from a flow without classes")
          .add(
              "log_prob",
              DataTypes.DoubleType,
              false,
              "log p(x | label), in nats, of the flow itself, whatever the temperature")
          .add(
              "embedding",
              DataTypes.createArrayType(DataTypes.FloatType, false),
              false,
              "features of the sample")
          .add(
              "pixels",
              DataTypes.BinaryType,
              true,
              "bytes, 0 to 255, row by row, the channels of a pixel together; null without an"
                  + " autoencoder");

  /**
   * Samples lazily, a batch at a time, with one flow a partition.
   *
   * @param counts of each class; of the one that there is for an unconditional flow
   */
  public Dataset<Row> sample(SparkSession spark, SampleCounts counts, int partitions) {
    return BatchTransform.append(
        spark.range(0, counts.total(), 1, partitions).toDF(),
        1,
        SCHEMA,
        batch,
        () -> {
          FlowEngine density = FlowEngine.of(RealNVP.of(flow.value().network()));
          Autoencoder decoder =
              autoencoder == null ? null : Autoencoder.of(autoencoder.value().network());
          return ids -> sample(density, decoder, ids, counts);
        });
  }

  /**
   * With a column {@code label_name} where the classes have names, and behind it the columns that
   * the features stand for.
   *
   * @param without gets the names of features that no column is added for, because there is one
   */
  public static Dataset<Row> named(
      Dataset<Row> samples, LabelNames names, Features features, Consumer<String> without) {
    Dataset<Row> all =
        names.isEmpty()
            ? samples
            : samples.withColumn("label_name", names.name(samples.col("label")));
    List<Column> columns = new ArrayList<>(List.of(col("*")));
    features
        .decoded(col("embedding"))
        .forEach(
            (name, value) -> {
              if (Schemas.find(all.schema(), name, "samples").isPresent()) {
                without.accept(name);
              } else {
                columns.add(value.as(name));
              }
            });
    return all.select(columns.toArray(Column[]::new));
  }

  private Object[][] sample(
      FlowEngine density, Autoencoder decoder, List<Row> rows, SampleCounts counts) {
    long[] ids = rows.stream().mapToLong(row -> row.getLong(0)).toArray();
    int features = density.features();
    int[] labels = classes == 0 ? null : LongStream.of(ids).mapToInt(counts::label).toArray();
    long[] indices = LongStream.of(ids).map(counts::index).toArray();
    float[] latents = RowNoise.draw(seed, labels, indices, density.latents());
    for (int i = 0; i < latents.length; i++) {
      latents[i] *= temperature;
    }
    double[] logProb = new double[ids.length];
    Context given = labels == null ? Context.NONE : new Context.Classes(labels, classes);
    float[] values = density.fromLatent(latents, given, logProb);
    byte[][] pixels =
        decoder == null
            ? null
            : Pixels.toBytes(decoder.decode(values, ids.length), ids.length, decoder.image());
    return IntStream.range(0, ids.length)
        .mapToObj(
            i ->
                new Object[] {
                  labels == null ? null : labels[i],
                  logProb[i],
                  Arrays.copyOfRange(values, i * features, (i + 1) * features),
                  pixels == null ? null : pixels[i]
                })
        .toArray(Object[][]::new);
  }
}
