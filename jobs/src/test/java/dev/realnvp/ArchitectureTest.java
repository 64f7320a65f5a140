package dev.realnvp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.realnvp.spark.flow.FlowSettings;
import dev.realnvp.spark.storage.OutputLease;
import dev.realnvp.spark.training.TrainingPlan;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(place -> !place.contains("/test-classes/"))
          .importPackages("dev.realnvp.jobs", "dev.realnvp.settings", "dev.realnvp.spark");

  @Test
  void jobsHoldNoMaths() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.jobs..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.nd4j.linalg.factory..", "org.nd4j.linalg.ops..")
        .check(CLASSES);
  }

  @Test
  void theReportsPageReadsNothing() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.jobs.report..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "com.typesafe.config..")
        .check(CLASSES);
  }

  /** The stages, and what they write, take their defaults from where the jobs do. */
  @Test
  void ofTheSparkPackagesOnlyTheMlStagesAndTheLeaseKnowSettings() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.spark..")
        .and()
        .resideOutsideOfPackage("dev.realnvp.spark.ml..")
        .and()
        .doNotHaveFullyQualifiedName(OutputLease.class.getName())
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.realnvp.settings..")
        .check(CLASSES);
  }

  /** Whatever else a training needs to know is typed. */
  @Test
  void ofTheSparkPackagesOnlyPlansAreMadeOfSettings() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.spark..")
        .and()
        .resideOutsideOfPackage("dev.realnvp.spark.ml..")
        .and()
        .doNotHaveFullyQualifiedName(OutputLease.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(TrainingPlan.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(FlowSettings.class.getName())
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.typesafe.config..")
        .check(CLASSES);
  }

  @Test
  void nothingKnowsTheMlStages() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.realnvp.spark.ml..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.realnvp.spark.ml..")
        .check(CLASSES);
  }

  @Test
  void trainingKnowsNoTables() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.spark.training..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.realnvp.spark.images..",
            "dev.realnvp.spark.shards..",
            "dev.realnvp.spark.storage..",
            "dev.realnvp.spark.table..",
            "org.apache.spark.sql..")
        .check(CLASSES);
  }

  @Test
  void thePackagesHaveNoCycles() {
    slices().matching("dev.realnvp.spark.(*)..").should().beFreeOfCycles().check(CLASSES);
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
        .check(CLASSES);
  }
}
