package dev.realnvp.spark.storage;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.io.TempDir;

class ClaimsTest extends ClaimsContract {
  @TempDir private java.nio.file.Path temp;

  @Override
  Path folder(Configuration hadoop) {
    return new Path(temp.toUri());
  }
}
