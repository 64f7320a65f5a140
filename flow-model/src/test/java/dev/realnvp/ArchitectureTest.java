package dev.realnvp;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.deeplearning4j.nn.api.Layer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package may import what. */
class ArchitectureTest {

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
                        "dev.realnvp.autoencoder",
                        "dev.realnvp.classifier",
                        "dev.realnvp.convolution",
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

  @Test
  void theModelsDoNotKnowOneAnother() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.flow..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.realnvp.autoencoder", "dev.realnvp.classifier", "dev.realnvp.convolution")
        .check(main);
    noClasses()
        .that()
        .resideInAnyPackage("dev.realnvp.engine", "dev.realnvp.model", "dev.realnvp.convolution")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.realnvp.autoencoder", "dev.realnvp.classifier", "dev.realnvp.flow..")
        .check(main);
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

  /** Ids, names of files and what is parsed do not depend on the language of a machine. */
  @Test
  void nothingAsksForTheLanguageOfTheMachine() {
    noClasses()
        .should()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .orShould()
        .callMethod(String.class, "format", String.class, Object[].class)
        .check(main);
  }
}
