package dev.realnvp.jobs;

import dev.realnvp.spark.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test methods and constructors a {@link PipelineRun} or a {@link PetsRun}. As they take
 * seconds to make, one of each serves all tests of a JVM; their folder is deleted at the end. Use
 * with {@code @ExtendWith(SharedRuns.class)}.
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
    // Before the folder, so that the session outlives it: what is made last is closed first.
    SparkSession spark = LocalSpark.session(context);
    ExtensionContext.Store store =
        context.getRoot().getStore(ExtensionContext.Namespace.create(SharedRuns.class));
    Path folder =
        store.getOrComputeIfAbsent(Folder.class, key -> Folder.make(), Folder.class).path();
    return store.getOrComputeIfAbsent(
        parameter.getParameter().getType(), type -> make(type, spark, folder));
  }

  private static Object make(Class<?> type, SparkSession spark, Path folder) {
    try {
      Path own = Files.createDirectory(folder.resolve(type.getSimpleName()));
      return MAKERS.get(type).make(spark, own);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Maker {
    Object make(SparkSession spark, Path folder) throws IOException;
  }

  private record Folder(Path path) implements ExtensionContext.Store.CloseableResource {

    static Folder make() {
      try {
        return new Folder(Files.createTempDirectory("runs"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      FileUtils.deleteDirectory(path.toFile());
    }
  }
}
