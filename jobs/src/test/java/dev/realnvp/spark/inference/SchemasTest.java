package dev.realnvp.spark.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.realnvp.images.convolution.ImageShape;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.images.ImageEmbedder;
import dev.realnvp.spark.images.Images;
import dev.realnvp.spark.table.Embeddings;
import dev.realnvp.spark.table.LabelNames;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What each model appends has the columns that readers rely on. */
@ExtendWith(LocalSpark.class)
class SchemasTest {
  private final SparkSession spark;

  SchemasTest(SparkSession spark) {
    this.spark = spark;
  }

  private Dataset<Row> empty(StructType schema) {
    return spark.createDataFrame(List.of(), schema);
  }

  @Test
  void embeddings() {
    ImageShape layout = new ImageShape(28, 28, 1);
    assertThat(ImageEmbedder.embed(empty(Images.SCHEMA), layout, null, 1).schema())
        .isEqualTo(Embeddings.SCHEMA);
    assertThat(ImageEmbedder.embedAndDecode(empty(Images.SCHEMA), layout, null, 1).schema())
        .isEqualTo(Embeddings.RECONSTRUCTED);
  }

  @Test
  void scores() {
    assertThat(
            FlowScorer.score(
                    empty(Embeddings.SCHEMA),
                    null,
                    new double[] {1},
                    1,
                    LabelNames.NONE,
                    null,
                    Explanations.NONE,
                    1000,
                    1)
                .schema())
        .isEqualTo(FlowScorer.SCHEMA);
  }

  @Test
  void samples() {
    assertThat(
            new FlowSampler(null, null, 10, 42, 1, 1)
                .sample(spark, SampleCounts.same(3, 10), 2)
                .schema())
        .isEqualTo(FlowSampler.SCHEMA);
  }
}
