package dev.realnvp.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test methods and constructors an HDFS of a name node and three data nodes, which one JVM's
 * tests share. Use with {@code @ExtendWith(MiniHdfs.class)}.
 */
public final class MiniHdfs implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == MiniDFSCluster.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(MiniHdfs.class))
        .getOrComputeIfAbsent(Shared.class, key -> new Shared(), Shared.class)
        .cluster;
  }

  private static final class Shared implements ExtensionContext.Store.CloseableResource {
    private final Path folder;
    private final MiniDFSCluster cluster;

    Shared() {
      try {
        folder = Files.createTempDirectory("hdfs");
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
        cluster = new MiniDFSCluster.Builder(hadoop).numDataNodes(3).build();
        cluster.waitActive();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      cluster.shutdown();
      FileUtils.deleteDirectory(folder.toFile());
    }
  }
}
