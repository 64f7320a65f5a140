package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The models of the builds for Spark 3.5 and 4 are the same, bit for bit, and so are saved stages.
 * The first leaves its own in {@code target} for the second, which compares. They have to be tested
 * one after the other, on one machine and of one source.
 */
@ExtendWith(LocalSpark.class)
class BothSparksTest {

  private static final Path STAGES = Path.of("target", "both-sparks");
  private static final Path OF_3_5 = STAGES.resolve("3.5");

  private final Dataset<Row> pets;
  private final boolean is35;

  BothSparksTest(SparkSession spark) {
    pets = PetsTable.make(spark).cache();
    is35 = spark.version().startsWith("3.5.");
  }

  private List<Row> scored(RealNVPModel model) {
    return model.transform(pets).orderBy("id").collectAsList();
  }

  private static Path save(Path folder, RealNVP estimator, RealNVPModel model) throws IOException {
    estimator.write().overwrite().save(folder.resolve("estimator").toString());
    model.write().overwrite().save(folder.resolve("model").toString());
    return folder;
  }

  @Test
  void stagesAreTheSame() throws IOException {
    RealNVP estimator = PetsTable.quick().setContextCol("kind");
    RealNVPModel model = estimator.fit(pets);
    Path saved = save(is35 ? OF_3_5 : STAGES.resolve("4"), estimator, model);
    assumeTrue(
        !is35 && Files.exists(OF_3_5), "the build for Spark 4 compares, if 3.5's was tested");

    RealNVP loaded = RealNVP.load(OF_3_5.resolve("estimator").toString());
    RealNVPModel theirs = RealNVPModel.load(OF_3_5.resolve("model").toString());

    assertThat(theirs.manifest().data()).isEqualTo(model.manifest().data());
    assertThat(theirs.manifest().id()).isEqualTo(model.manifest().id());
    for (String file : List.of("model/model.zip", "model/calibration.json")) {
      assertThat(saved.resolve(file)).hasSameBinaryContentAs(OF_3_5.resolve(file));
    }
    assertThat(scored(theirs)).isEqualTo(scored(model));
    assertThat(loaded.fit(pets).manifest().id()).isEqualTo(model.manifest().id());
    assertThat(theirs.explainParams().replace(theirs.uid(), model.uid()))
        .isEqualTo(model.explainParams());
    assertThat(loaded.explainParams()).isEqualTo(estimator.explainParams());
  }
}
