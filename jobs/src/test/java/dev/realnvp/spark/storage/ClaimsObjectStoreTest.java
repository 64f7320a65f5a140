package dev.realnvp.spark.storage;

import dev.realnvp.spark.ObjectStore;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimsObjectStoreTest extends ClaimsContract {
  @TempDir private java.nio.file.Path temp;

  @Override
  Path folder(Configuration hadoop) {
    ObjectStore.register(hadoop);
    return new Path("objects://" + temp);
  }

  @Override
  @Test
  @Tag("nightly")
  void ofSeveralProcessesAtOnceExactlyOneHoldsItUntilItIsKilled() throws Exception {
    super.ofSeveralProcessesAtOnceExactlyOneHoldsItUntilItIsKilled();
  }
}
