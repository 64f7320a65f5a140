package dev.realnvp.spark.table;

import static dev.realnvp.spark.table.TableFiles.CATS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.failure.InvalidRows;
import dev.realnvp.spark.text.TextHints;
import dev.realnvp.stored.FeatureColumns;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The labels of embeddings: numbers, or names. */
@ExtendWith(LocalSpark.class)
class EmbeddingLabelsTest {

  private TableFiles files;

  @BeforeEach
  void open(SparkSession spark, @TempDir Path temp) {
    files = new TableFiles(spark, temp);
  }

  @Test
  void stringLabelsAreNumberedInTheirOrder() {
    EmbeddingTable table = files.read(files.write(CATS), "kind", "", "");
    assertThat(table.names().names()).containsExactly("a", "b", "ä");
    assertThat(table.classes()).isEqualTo(3);
    List<Row> rows = table.rows().orderBy("id").collectAsList();
    assertThat(rows.stream().map(row -> row.getInt(2))).startsWith(1, 2, 0, 1);
    assertThat(table.rows().columns()).isEqualTo(Embeddings.SCHEMA.fieldNames());
  }

  @Test
  void namesThatTheModelKnowsKeepTheirLabelsAndOthersHaveNone() {
    String path = files.write(CATS);
    EmbeddingQuery query = EmbeddingQuery.of(Features.of("v"), "kind", "", "", InvalidRows.REFUSE);
    LabelNames known = new LabelNames(List.of("a", "c", "ä"));
    EmbeddingTable table = Embeddings.read(files.spark(), path, query, known);
    assertThat(table.classes()).isEqualTo(3);
    List<Row> rows =
        table
            .rows()
            .withColumn("name", known.name(functions.col("label")))
            .orderBy("id")
            .collectAsList();
    assertThat(rows.get(0).isNullAt(2)).isTrue();
    assertThat(rows.get(0).isNullAt(4)).isTrue();
    assertThat(rows.get(1).getInt(2)).isEqualTo(2);
    assertThat(rows.get(1).getString(4)).isEqualTo("ä");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Embeddings.read(files.spark(), path, query, LabelNames.NONE))
        .withMessageContaining("'kind'")
        .withMessageEndingWith("is of type string, expected bigint or int or smallint or tinyint");
  }

  @Test
  void otherColumnsOfLabels() {
    String path = files.write(CATS);
    EmbeddingTable table = files.read(path, "other", "", "");
    assertThat(table.classes()).isEqualTo(10);
    assertThat(table.names().isEmpty()).isTrue();
    assertThat(files.read(path, "", "", "").labelled()).isFalse();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> files.read(path, "kin", "", ""))
        .withMessage(path + " has no column 'kin', only id, split, kind, other, w, v");
  }

  /** An é of one code point, and one of an e and an accent. */
  private static final String COMPOSED = "caf\u00e9";

  private static final String DECOMPOSED = "cafe\u0301";

  private static final Features KIND =
      new Features("", List.of("kind", "x"), false, Optional.empty(), FeatureColumns.NONE);

  private static String cafes(String one, String other) {
    return "select id, 'train' split, if(id %% 2 = 0, '%s', '%s') kind, array(float(id)) v, float(id) x, float(2) y from range(8)"
        .formatted(one, other);
  }

  private static EmbeddingQuery asFeature(Features features) {
    return new EmbeddingQuery(
        features,
        List.of(),
        List.of(),
        "",
        true,
        "",
        List.of(),
        "",
        InvalidRows.REFUSE,
        Optional.empty(),
        Optional.empty(),
        TextHints.NONE);
  }

  @Test
  void classesAndCategoriesOfOneNameInTwoUnicodeFormsAreRefused() {
    String message =
        "Column 'kind' of %s holds 'caf\u00e9' in two Unicode forms; expected one: write it"
            + " normalised, NFC say";
    String path = files.write(cafes(COMPOSED, DECOMPOSED));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Embeddings.read(
                    files.spark(),
                    path,
                    EmbeddingQuery.of(Features.of("v"), "kind", "", "", InvalidRows.REFUSE)))
        .withMessage(message.formatted(path));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Embeddings.read(files.spark(), path, asFeature(KIND)))
        .withMessage(message.formatted(path));
  }

  @Test
  void aNameIsKnownInAnyUnicodeForm() {
    String composed = files.write(cafes(COMPOSED, "tea"));
    EmbeddingTable learnt = Embeddings.read(files.spark(), composed, asFeature(KIND));
    List<Row> expected = learnt.rows().orderBy("id").select("embedding").collectAsList();
    String decomposed = files.write(cafes(DECOMPOSED, "tea"));
    assertThat(
            Embeddings.read(files.spark(), decomposed, asFeature(learnt.encoder()))
                .rows()
                .orderBy("id")
                .select("embedding")
                .collectAsList())
        .isEqualTo(expected);
    assertThat(learnt.encoder().learnt().encode(Map.of("kind", DECOMPOSED, "x", 1.0)))
        .isEqualTo(learnt.encoder().learnt().encode(Map.of("kind", COMPOSED, "x", 1.0)));
    LabelNames names = new LabelNames(List.of(COMPOSED, "tea"));
    assertThat(
            files
                .spark()
                .read()
                .parquet(decomposed)
                .orderBy("id")
                .select(names.label(functions.col("kind")))
                .collectAsList()
                .stream()
                .map(row -> row.getInt(0)))
        .startsWith(0, 1, 0, 1);
  }
}
