package dev.realnvp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.realnvp.spark.flow.FlowSettings;
import dev.realnvp.spark.storage.OutputLease;
import dev.realnvp.spark.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms of {@code ARCHITECTURE.md}, in all modules, and what must not be in them. */
class ArchitectureTest {

  private static final int MOST_FILES = 20;

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(place -> !place.contains("/test-classes/"))
          .importPackages("dev.realnvp");

  /** Its fenced list: a package per line, whoever may be imported below who imports. */
  private static List<String> floors() throws IOException {
    String page = Files.readString(Path.of("../ARCHITECTURE.md"));
    String list = page.split("```")[1];
    return list.lines()
        .filter(line -> line.startsWith("dev.realnvp"))
        .map(line -> line.split(" ")[0])
        .toList();
  }

  @Test
  void arrowsRunDown() throws IOException {
    List<String> floors = floors();
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct().sorted().toList())
        .as("the packages of ARCHITECTURE.md")
        .hasSameElementsAs(floors);
    assertThat(
            CLASSES.stream()
                .flatMap(from -> from.getDirectDependenciesFromSelf().stream())
                .filter(arrow -> runsUp(floors, arrow))
                .map(Dependency::getDescription))
        .isEmpty();
  }

  private static boolean runsUp(List<String> floors, Dependency arrow) {
    int to = floors.indexOf(arrow.getTargetClass().getBaseComponentType().getPackageName());
    return to >= 0 && to < floors.indexOf(arrow.getOriginClass().getPackageName());
  }

  @Test
  void noPackageIsLarge() throws IOException {
    Map<Path, Long> files = new TreeMap<>();
    for (String module : List.of("flow-model", "jobs/library", "jobs")) {
      try (Stream<Path> all = Files.walk(Path.of("..", module, "src/main/java"))) {
        all.filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.endsWith("package-info.java"))
            .forEach(file -> files.merge(file.getParent(), 1L, Long::sum));
      }
    }
    assertThat(files).isNotEmpty();
    files.values().removeIf(count -> count <= MOST_FILES);
    assertThat(files).isEmpty();
  }

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

  /**
   * The stages, the functions of SQL, and what they write, take their defaults from where the jobs
   * do.
   */
  @Test
  void ofTheSparkPackagesOnlyStagesFunctionsAndTheLeaseKnowSettings() {
    noClasses()
        .that()
        .resideInAPackage("dev.realnvp.spark..")
        .and()
        .resideOutsideOfPackages("dev.realnvp.spark.ml..", "dev.realnvp.spark.sql..")
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
        .resideOutsideOfPackages("dev.realnvp.spark.ml..", "dev.realnvp.spark.sql..")
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

  /** In any module: ids, names of files and what is parsed are the same in each language. */
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
