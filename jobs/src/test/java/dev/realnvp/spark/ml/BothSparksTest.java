package dev.realnvp.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The models of the builds for Spark 3.5 and 4 are the same, bit for bit, and so are saved stages.
 * The first leaves its own in {@code target}, and both compare with those; so the second has to be
 * tested after the first, on the same machine and of the same source.
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

  /** What is in a saved model's file, in hexadecimal digits; the file has the time, too. */
  private static Map<String, String> entries(Path stages) throws IOException {
    Map<String, String> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(stages.resolve("model/model.zip").toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        entries.put(
            entry.getName(), HexFormat.of().formatHex(zip.getInputStream(entry).readAllBytes()));
      }
    }
    return entries;
  }

  @Test
  void stagesAreTheSame() throws IOException {
    RealNVP estimator = PetsTable.quick().setContextCol("kind");
    RealNVPModel model = estimator.fit(pets);
    Path saved = save(is35 ? OF_3_5 : STAGES.resolve("4"), estimator, model);
    assumeTrue(Files.exists(OF_3_5), "the build for Spark 3.5 has been tested");

    RealNVP loaded = RealNVP.load(OF_3_5.resolve("estimator").toString());
    RealNVPModel theirs = RealNVPModel.load(OF_3_5.resolve("model").toString());

    assertThat(theirs.manifest().data()).isEqualTo(model.manifest().data());
    assertThat(theirs.manifest().id()).isEqualTo(model.manifest().id());
    assertThat(entries(OF_3_5)).isEqualTo(entries(saved));
    assertThat(OF_3_5.resolve("model/calibration.json"))
        .hasSameBinaryContentAs(saved.resolve("model/calibration.json"));
    assertThat(scored(theirs)).isEqualTo(scored(model));
    assertThat(loaded.fit(pets).manifest().id()).isEqualTo(model.manifest().id());
    assertThat(theirs.explainParams().replace(theirs.uid(), model.uid()))
        .isEqualTo(model.explainParams());
    assertThat(loaded.explainParams()).isEqualTo(estimator.explainParams());
  }
}
