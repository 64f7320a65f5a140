package dev.realnvp.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionsTest {

  @Test
  void areThoseOfTheBuild() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String parent = Files.readString(Path.of("../pom.xml"));
    assertThat(pom).contains("<version>" + Versions.PROJECT + "</version>");
    assertThat(Versions.collect())
        .containsEntry("realnvp-spark", Versions.PROJECT)
        .containsEntry("java", System.getProperty("java.version"))
        .containsOnlyKeys("realnvp-spark", "dl4j", "nd4j", "java");
    for (String library : new String[] {"dl4j", "nd4j"}) {
      assertThat(parent)
          .contains("<dl4j.version>" + Versions.collect().get(library) + "</dl4j.version>");
    }
  }
}
