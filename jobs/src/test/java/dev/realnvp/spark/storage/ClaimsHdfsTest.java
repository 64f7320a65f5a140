package dev.realnvp.spark.storage;

import dev.realnvp.spark.MiniHdfs;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("nightly")
@ExtendWith(MiniHdfs.class)
class ClaimsHdfsTest extends ClaimsContract {
  private final MiniDFSCluster hdfs;

  ClaimsHdfsTest(MiniDFSCluster hdfs) {
    this.hdfs = hdfs;
  }

  @Override
  int rounds() {
    return 5;
  }

  @Override
  Path folder(Configuration hadoop) throws IOException {
    return new Path(hdfs.getURI() + "/" + UUID.randomUUID());
  }
}
