package dev.realnvp.jobs;

import dev.realnvp.spark.PerJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A {@link PipelineRun} and a {@link PetsRun}. As they take seconds to make, one of each serves all
 * tests of a JVM; their folder is deleted at the end. With {@code @ExtendWith(SharedRuns.class)}
 * they are parameters, too.
 */
final class SharedRuns implements ParameterResolver {

  private static final Map<Class<?>, Maker> MAKERS =
      Map.of(PipelineRun.class, PipelineRun::make, PetsRun.class, PetsRun::make);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return MAKERS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return get(parameter.getParameter().getType());
  }

  static PipelineRun images() {
    return get(PipelineRun.class);
  }

  static PetsRun pets() {
    return get(PetsRun.class);
  }

  private static <T> T get(Class<T> type) {
    return PerJvm.get(type, () -> make(type));
  }

  private static Object make(Class<?> type) throws IOException {
    Path folder = Files.createTempDirectory(type.getSimpleName());
    PerJvm.atExit(() -> FileUtils.deleteDirectory(folder.toFile()));
    return MAKERS.get(type).make(folder);
  }

  private interface Maker {
    Object make(Path folder) throws IOException;
  }
}
