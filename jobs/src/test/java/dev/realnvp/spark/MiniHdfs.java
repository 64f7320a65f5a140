package dev.realnvp.spark;

import java.io.IOException;
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
    return PerJvm.get(MiniDFSCluster.class, MiniHdfs::start);
  }

  private static MiniDFSCluster start() throws IOException {
    Path folder = Files.createTempDirectory("hdfs");
    PerJvm.atExit(() -> FileUtils.deleteDirectory(folder.toFile()));
    Configuration hadoop = new Configuration();
    hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(hadoop).numDataNodes(3).build();
    PerJvm.atExit(cluster::shutdown);
    cluster.waitActive();
    return cluster;
  }
}
