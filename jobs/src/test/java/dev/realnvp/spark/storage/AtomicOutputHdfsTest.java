package dev.realnvp.spark.storage;

import dev.realnvp.spark.MiniHdfs;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("nightly")
@ExtendWith(MiniHdfs.class)
class AtomicOutputHdfsTest extends AtomicOutputContract {
  private final MiniDFSCluster hdfs;

  AtomicOutputHdfsTest(MiniDFSCluster hdfs) {
    this.hdfs = hdfs;
  }

  @Override
  Path folder() throws IOException {
    return new Path(hdfs.getURI() + "/" + UUID.randomUUID());
  }
}
