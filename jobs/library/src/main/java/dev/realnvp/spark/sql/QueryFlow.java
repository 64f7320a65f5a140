package dev.realnvp.spark.sql;

import dev.realnvp.flow.RealNVP;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.spark.model.SharedModel;
import dev.realnvp.spark.storage.Location;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A stored flow that queries read, as it was when Spark analysed them. Those that read the same one
 * share it: an executor gets its parameters once.
 *
 * @param model its network, for the executors
 * @param prior a weight per class; see {@link FlowModel#prior}
 */
record QueryFlow(String place, StoredModel stored, Broadcast<SharedModel> model, double[] prior) {

  /** So many are kept for the next query. */
  private static final int KEPT = 16;

  private static final Map<String, QueryFlow> RECENT =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, QueryFlow> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * The flow that is stored there now.
   *
   * @throws dev.realnvp.spark.failure.InvalidInputException if there is none, or it is damaged
   */
  static QueryFlow open(SparkSession spark, String place) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    synchronized (RECENT) {
      QueryFlow recent = RECENT.get(key(spark, place, manifest(hadoop, place)));
      if (recent != null) {
        return recent;
      }
      StoredModel stored = ModelDirectory.read(hadoop, place, FlowModel.KIND);
      QueryFlow read =
          new QueryFlow(
              place,
              stored,
              SharedModel.broadcast(spark, stored.network()),
              FlowModel.prior(stored, RealNVP.of(stored.network())));
      RECENT.put(key(spark, place, stored.manifest().toJson()), read);
      return read;
    }
  }

  /** Empty if it cannot be read: reading the model then says why. */
  private static String manifest(Configuration hadoop, String place) {
    try {
      return StoredModel.manifest(Location.of(hadoop, place), StoredModel.MANIFEST).toJson();
    } catch (IOException | IllegalArgumentException | UncheckedIOException e) {
      return "";
    }
  }

  private static String key(SparkSession spark, String place, String manifest) {
    return String.join("\n", spark.sparkContext().applicationId(), place, manifest);
  }

  boolean hasContext() {
    return prior.length == 0;
  }
}
