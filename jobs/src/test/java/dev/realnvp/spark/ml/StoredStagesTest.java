package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.realnvp.spark.FaultyDisk;
import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.model.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is saved is what is loaded. */
class StoredStagesTest {

  @TempDir static Path folder;

  private static Dataset<Row> pets;
  private static final SparkSession spark = LocalSpark.session();
  private static RealNVPModel fitted;

  @BeforeAll
  static void makeTable() {
    pets = PetsTable.make(spark).cache();
    fitted = PetsTable.quick().setContextCol("kind").fit(pets);
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void anEstimatorKeepsItsParameters() throws IOException {
    RealNVP estimator = PetsTable.quick().setContextCol("kind").setSeed(7).setMask("half").setL2(0);
    estimator.write().save(path("estimator"));
    RealNVP loaded = RealNVP.load(path("estimator"));
    assertThat(loaded.uid()).isEqualTo(estimator.uid());
    assertThat(loaded.explainParams()).isEqualTo(estimator.explainParams());
  }

  @Test
  void aModelKeepsParametersNamesHistoryAndFigures() throws IOException {
    RealNVPModel model = fitted.copy(new ParamMap()).setAnomalyCol("strangeness");
    model.write().save(path("model"));
    RealNVPModel loaded = RealNVPModel.load(path("model"));

    assertThat(loaded.uid()).isEqualTo(model.uid());
    assertThat(loaded.explainParams()).isEqualTo(model.explainParams());
    assertThat(loaded.labels()).containsExactly("cat", "dog");
    assertThat(loaded.summary()).isEqualTo(model.summary());
    assertThat(rows(loaded)).isEqualTo(rows(model));

    assertThatThrownBy(() -> model.write().save(path("model")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("already exists");
    loaded.write().overwrite().save(path("model"));
    assertThat(rows(RealNVPModel.load(path("model")))).isEqualTo(rows(model));
    assertThat(folder.resolve("model"))
        .isDirectoryContaining("glob:**/metadata")
        .isDirectoryContaining("glob:**/model.zip")
        .isDirectoryContaining("glob:**/manifest.json");
    // As the jobs read it.
    assertThat(
            ModelDirectory.read(spark.sparkContext().hadoopConfiguration(), path("model"), "flow")
                .calibration())
        .isPresent();
  }

  @Test
  void aSaveThatFailsLeavesTheOldModel() throws IOException {
    FaultyDisk.register(spark.sparkContext().hadoopConfiguration());
    String place = "faulty://" + path("precious");
    fitted.write().save(place);
    RealNVPModel other = PetsTable.quick().setContextCol("kind").setSeed(7).fit(pets);
    try {
      FaultyDisk.refuse(path -> path.getName().equals("manifest.json"));
      assertThatThrownBy(() -> other.write().overwrite().save(place))
          .hasRootCauseMessage("No space left on device");
    } finally {
      FaultyDisk.repair();
    }
    assertThat(RealNVPModel.load(place).manifest().id()).isEqualTo(fitted.manifest().id());
    assertThat(folder).isDirectoryNotContaining("glob:**/.*");
    other.write().overwrite().save(place);
    assertThat(RealNVPModel.load(place).manifest().id()).isEqualTo(other.manifest().id());
  }

  private static List<Row> rows(RealNVPModel model) {
    return model.transform(pets).orderBy("id").collectAsList();
  }

  @Test
  void anotherStagesFolderIsRefused() throws IOException {
    PetsTable.quick().write().save(path("no-model"));
    assertThatThrownBy(() -> RealNVPModel.load(path("no-model")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("expected a manifest");
  }

  /**
   * Saved at the tag before-redesign: {@code PetsTable.quick()} with {@code kind} for the context.
   */
  @Test
  void whatTheTagSavedStillLoads() {
    RealNVPModel model = RealNVPModel.load("src/test/resources/ml-0.1.0/realnvp-model");
    assertThat(model.labels()).containsExactly("cat", "dog");
    assertThat(model.getFeaturesCol()).isEqualTo("v");
    assertThat(model.summary().epochs()).hasSize(2);
    Row scored = model.transform(spark.sql("select array(1000d, 0.5d, 1d) v")).first();
    assertThat(scored.<Double>getAs("logProb")).isCloseTo(-8.1867894425, within(1e-4));
  }

  /** At the same tag, on Spark 4.2. */
  @Test
  void whatTheBuildForTheOtherSparkSavedLoads() {
    RealNVPModel model = RealNVPModel.load("src/test/resources/ml-0.1.0/realnvp-model-spark-4");
    assertThat(model.labels()).containsExactly("cat", "dog");
    Row scored = model.transform(spark.sql("select array(1000d, 0.5d, 1d) v")).first();
    assertThat(scored.<Double>getAs("logProb")).isCloseTo(-8.1867894425, within(1e-4));
  }

  /** Saved at the tag before-redesign, as {@code PetsTable.quick()} with {@code kind}. */
  @Test
  void anEstimatorOfTheTagTrainsTheSameModel() {
    RealNVP estimator = RealNVP.load("src/test/resources/ml-0.1.0/realnvp");
    assertThat(estimator.explainParams())
        .isEqualTo(PetsTable.quick().setContextCol("kind").explainParams());
    assertThat(estimator.fit(pets).manifest().id()).isEqualTo(fitted.manifest().id());
  }
}
