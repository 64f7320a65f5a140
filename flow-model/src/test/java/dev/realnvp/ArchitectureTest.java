package dev.realnvp;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package may import what. */
class ArchitectureTest {

  private static final Map<String, List<String>> IMPORTS =
      Map.ofEntries(
          entry("engine..", List.of()),
          entry("model", List.of()),
          entry("images.convolution", List.of("engine..")),
          entry("images.autoencoder", List.of("engine..", "model", "images.convolution")),
          entry("images.classifier", List.of("engine..", "model", "images.convolution")),
          entry("flow.column", List.of()),
          entry("flow.layer", List.of("engine..", "model", "flow.column")),
          entry("flow", List.of("engine..", "model", "flow.column", "flow.layer")),
          entry("scores", List.of("model")),
          entry("stored", List.of("model", "scores")),
          entry("exchange", List.of("model", "flow.column", "flow.layer", "flow")));

  private static JavaClasses main;

  @BeforeAll
  static void read() {
    main =
        new ClassFileImporter()
            .withImportOption(place -> !place.contains("/test-classes/"))
            .importPackages("dev.realnvp");
  }

  @Test
  void nothingImportsSparkOrHadoop() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..")
        .check(main);
  }

  @Test
  void onlyLayersAndAssembliesImportDl4j() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                        "dev.realnvp.flow.layer",
                        "dev.realnvp.images.autoencoder",
                        "dev.realnvp.images.classifier",
                        "dev.realnvp.images.convolution",
                        "dev.realnvp.engine",
                        "dev.realnvp.exchange",
                        "dev.realnvp.model",
                        "dev.realnvp.stored")
                    .or(nameMatching("dev\\.realnvp\\.flow\\.RealNVP"))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.deeplearning4j..")
        .check(main);
  }

  /** A package imports those below it that are named here, and no other. */
  @Test
  void arrowsRunDown() {
    IMPORTS.forEach(
        (name, below) -> {
          String[] allowed =
              Stream.concat(Stream.of(name), below.stream())
                  .map(other -> "dev.realnvp." + other)
                  .toArray(String[]::new);
          noClasses()
              .that()
              .resideInAPackage("dev.realnvp." + name)
              .should()
              .dependOnClassesThat(
                  resideInAPackage("dev.realnvp..").and(not(resideInAnyPackage(allowed))))
              .check(main);
        });
  }

  @Test
  void layersThatDl4jRunsAreNotPublic() {
    classes()
        .that()
        .areAssignableTo(Layer.class)
        .and()
        .doNotHaveModifier(JavaModifier.ABSTRACT)
        .should()
        .notBePublic()
        .check(main);
  }
}
