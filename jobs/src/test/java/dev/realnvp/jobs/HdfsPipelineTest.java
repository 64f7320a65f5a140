package dev.realnvp.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.jobs.images.Pictures;
import dev.realnvp.jobs.report.Metrics;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.MiniHdfs;
import dev.realnvp.spark.model.Manifests;
import dev.realnvp.spark.model.ModelDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.io.IOUtils;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A whole small run that reads and writes HDFS alone and loses one of three data nodes on the way,
 * against the same run on the local disk.
 */
@Tag("nightly")
@ExtendWith({SharedRuns.class, MiniHdfs.class})
class HdfsPipelineTest {

  private static final String DATA = "src/test/resources/fashion-mnist-1000";

  private static SparkSession spark;
  private static FileSystem dfs;
  private static Path local;
  private static Path remote;
  private static Metrics localMetrics;
  private static Metrics remoteMetrics;
  private static DataNodeStopper stopper;

  /** Stops a data node at the first job that starts when there is an autoencoder. */
  private static final class DataNodeStopper extends SparkListener {
    private final MiniDFSCluster hdfs;
    private volatile String stopped;

    DataNodeStopper(MiniDFSCluster hdfs) {
      this.hdfs = hdfs;
    }

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      try {
        if (stopped == null && dfs.exists(new Path(remote, "autoencoder"))) {
          stopped = hdfs.stopDataNode(0).getDatanode().getDatanodeId().getXferAddr();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @BeforeAll
  static void run(PipelineRun onDisk, MiniDFSCluster hdfs) throws IOException {
    spark = onDisk.spark();
    dfs = hdfs.getFileSystem();
    Path data = new Path(hdfs.getURI() + "/data");
    dfs.copyFromLocalFile(new Path(DATA), data);
    remote = new Path(hdfs.getURI() + "/runs/a run");
    stopper = new DataNodeStopper(hdfs);
    spark.sparkContext().addSparkListener(stopper);
    try {
      remoteMetrics = new Pipeline().run(spark, settings(remote, "ingest.data=" + data));
    } finally {
      spark.sparkContext().removeSparkListener(stopper);
    }
    local = new Path(onDisk.folder().resolve("run a").toUri());
    localMetrics = onDisk.metrics();
  }

  private static Config settings(Path run, String... more) {
    List<String> sets = PipelineRun.small(null).with(more).sets();
    return Settings.load(null, sets, Map.of("run", run.toString()));
  }

  private static Dataset<Row> table(Path run, String name) {
    return spark.read().parquet(new Path(run, name) + "/*.parquet");
  }

  private static byte[] bytes(Path run, String file) throws IOException {
    Path path = new Path(run, file);
    try (FSDataInputStream in =
        path.getFileSystem(spark.sparkContext().hadoopConfiguration()).open(path)) {
      return IOUtils.toByteArray(in);
    }
  }

  @Test
  void aDataNodeWasLostOnTheWay() throws IOException {
    assertThat(hosts("images")).allSatisfy(hosts -> assertThat(hosts).contains(stopper.stopped));
    assertThat(hosts("scores")).allSatisfy(hosts -> assertThat(hosts).hasSize(2));
  }

  /** Which data nodes hold each Parquet file of a table. */
  private static List<List<String>> hosts(String table) throws IOException {
    List<List<String>> hosts = new ArrayList<>();
    for (FileStatus file : dfs.globStatus(new Path(remote, table + "/*.parquet"))) {
      hosts.add(List.of(dfs.getFileBlockLocations(file, 0, file.getLen())[0].getNames()));
    }
    return hosts;
  }

  @Test
  void modelsAndFiguresAreThoseOfTheLocalRun() throws IOException {
    for (String kind : List.of("autoencoder", "classifier", "flow")) {
      assertThat(manifestId(remote, kind)).isEqualTo(manifestId(local, kind));
    }
    Map<String, Double> expected = localMetrics.figures();
    remoteMetrics
        .figures()
        .forEach((name, value) -> assertThat(value).isCloseTo(expected.get(name), within(1e-6)));
    assertThat(new String(bytes(remote, "evaluation/" + Evaluate.FILE), "UTF-8"))
        .isEqualTo(remoteMetrics.toJson());
  }

  private static String manifestId(Path run, String kind) throws IOException {
    return ModelDirectory.read(
            spark.sparkContext().hadoopConfiguration(), new Path(run, kind).toString(), kind)
        .manifest()
        .id();
  }

  @Test
  void tablesAndPicturesAreThoseOfTheLocalRun() throws IOException {
    for (String name : List.of("images", "embeddings", "scores", "samples", "samples/neighbours")) {
      Dataset<Row> expected = table(local, name);
      assertThat(table(remote, name).count()).isEqualTo(expected.count()).isPositive();
      assertThat(table(remote, name).except(expected).count()).as(name).isZero();
    }
    for (String picture : List.of(Pictures.GRID, Pictures.RECONSTRUCTIONS, Pictures.NEIGHBOURS)) {
      assertThat(bytes(remote, "samples/" + picture)).isEqualTo(bytes(local, "samples/" + picture));
    }
  }

  @Test
  void nothingIsLeftBesideTheOutputs() throws IOException {
    assertThat(Arrays.stream(dfs.listStatus(remote)).map(status -> status.getPath().getName()))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(RunStage.OF_IMAGES.stream().map(RunStage::kind), Stream.of("report"))
                .toList());
  }

  @Test
  void aSingleFileOfParquetIsAnInputToo() throws IOException {
    Path part = dfs.globStatus(new Path(remote, "embeddings/*.parquet"))[0].getPath();
    TrainFlow.Result trained =
        new TrainFlow()
            .run(
                spark,
                settings(new Path(remote, "../b"), "paths.embeddings=" + part, "flow.epochs=1"));
    assertThat(dfs.exists(new Path(trained.output(), "model.zip"))).isTrue();
    assertThat(trained.manifest().parents()).isEmpty();
  }

  @Test
  void aFileHasNoManifestForAUserOfNoPrivileges() throws Exception {
    Path part = dfs.globStatus(new Path(remote, "embeddings/*.parquet"))[0].getPath();
    PrivilegedExceptionAction<Optional<Manifest>> read =
        () -> Manifests.ofTable(spark, part.toString());
    assertThat(UserGroupInformation.createRemoteUser("reader").doAs(read)).isEmpty();
  }
}
