package dev.realnvp.spark.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.realnvp.spark.LocalSpark;
import dev.realnvp.spark.cluster.Shuffles;
import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Tuple2;

/** Rows are dealt out by what they hold alone, evenly, and equal ones evenly, too. */
class BalancedPartitionerTest {

  private static final AtomicInteger READINGS = new AtomicInteger();

  private final SparkSession spark = LocalSpark.session();

  /** Those of each partition, in order. */
  private List<List<Long>> spread(Dataset<Row> rows, int partitions) {
    return spread(rows.selectExpr("tinyint(0) part", "value"), partitions, rows.count());
  }

  /** Those of each partition, group after group. */
  private List<List<Long>> spread(Dataset<Row> rows, int partitions, long... counts) {
    BalancedPartitioner.Dealt dealt =
        BalancedPartitioner.distribute(
            rows,
            counts,
            partitions,
            Long.BYTES,
            row -> ByteBuffer.allocate(Long.BYTES).putLong(row.getLong(1)).array());
    return dealt
        .rows()
        .toJavaRDD()
        .flatMap(
            key -> Collections.nCopies(key._2(), ContentOrder.row(key._1()).getLong()).iterator())
        .glom()
        .collect();
  }

  private Dataset<Row> rows(List<Long> values, int partitions) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return spark
        .createDataset(context.parallelize(values, partitions).rdd(), Encoders.LONG())
        .toDF();
  }

  /** Different ones; some of few kinds; nearly all of one; none. */
  private static List<List<Long>> tables() {
    return List.of(
        LongStream.range(0, 5003).boxed().toList(),
        LongStream.range(0, 5003).map(i -> i % 12).boxed().toList(),
        LongStream.range(0, 5003).map(i -> i % 10 == 0 ? i : -1).boxed().toList(),
        List.of());
  }

  /** More than 255 partitions, for which Spark writes other files, of one table: it takes long. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 257})
  void anyOrderInAnyPartitionsGivesTheSame(int partitions) {
    for (List<Long> values : partitions < 9 ? tables() : tables().subList(2, 3)) {
      List<List<Long>> one = spread(rows(values, 1), partitions);
      List<Long> shuffled = new ArrayList<>(values);
      Collections.shuffle(shuffled, new Random(partitions));
      assertThat(spread(rows(shuffled, 5), partitions)).isEqualTo(one);

      assertThat(one.stream().flatMap(List::stream).sorted().toList())
          .isEqualTo(values.stream().sorted().toList());
      assertThat(one).hasSize(partitions);
      for (int p = 0; p < partitions; p++) {
        assertThat(one.get(p)).hasSize((values.size() - p + partitions - 1) / partitions);
      }
      List<Map<Long, Long>> counts = one.stream().map(BalancedPartitionerTest::counts).toList();
      for (long value : new HashSet<>(values)) {
        LongSummaryStatistics shares =
            counts.stream().mapToLong(part -> part.getOrDefault(value, 0L)).summaryStatistics();
        assertThat(shares.getMax() - shares.getMin()).isLessThanOrEqualTo(1);
      }
    }
  }

  private static Map<Long, Long> counts(List<Long> values) {
    return values.stream().collect(Collectors.groupingBy(value -> value, Collectors.counting()));
  }

  /** Each has the partitions that it has alone, whichever rows the others have. */
  @Test
  void groupsAreDealtEachByItselfInOneReading() {
    int before = READINGS.get();
    Dataset<Row> rows =
        unordered().selectExpr("tinyint(if(value % 10 = 0, 1, 0)) part", "value % 300 value");
    List<List<Long>> both = spread(rows, 3, 900, 100);
    assertThat(READINGS.get() - before).isEqualTo(4);

    List<Long> values = LongStream.range(0, 1000).filter(i -> i % 10 > 0).boxed().toList();
    List<Long> others = LongStream.range(0, 1000).filter(i -> i % 10 == 0).boxed().toList();
    List<List<Long>> alone = new ArrayList<>();
    for (List<Long> some : List.of(values, others)) {
      alone.addAll(spread(rows(some.stream().map(i -> i % 300).toList(), 2), 3));
    }
    assertThat(both).isEqualTo(alone);
  }

  /** As neighbours and multiples go apart, so does what comes with them, such as a label. */
  @Test
  void theOrderHasNothingToDoWithTheValues() {
    List<Long> order = spread(rows(LongStream.range(0, 10_000).boxed().toList(), 4), 1).get(0);
    for (int block = 0; block < 10; block++) {
      List<Long> some = order.subList(1000 * block, 1000 * (block + 1));
      assertThat(some.stream().filter(i -> i % 2 == 0).count()).isBetween(420L, 580L);
      assertThat(some.stream().filter(i -> i < 5000).count()).isBetween(420L, 580L);
    }
  }

  /**
   * A table whose rows come in another order at each reading, as they do after a join when an
   * executor was lost.
   */
  @Test
  void eachReadingMayHaveAnOrderOfItsOwn() {
    int before = READINGS.get();
    List<List<Long>> one = spread(unordered(), 3);
    assertThat(READINGS.get() - before).isGreaterThanOrEqualTo(4);
    assertThat(spread(unordered(), 3)).isEqualTo(one);
  }

  private Dataset<Row> unordered() {
    return changing(
        part -> {
          Collections.shuffle(part, new Random(READINGS.incrementAndGet()));
          return part;
        });
  }

  private Dataset<Row> changing(Reading reading) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<Long> rows =
        context
            .parallelize(LongStream.range(0, 1000).boxed().toList(), 4)
            .mapPartitions(
                part -> {
                  List<Long> all = new ArrayList<>();
                  part.forEachRemaining(all::add);
                  return reading.apply(all).iterator();
                });
    return spark.createDataset(rows.rdd(), Encoders.LONG()).toDF();
  }

  /** What a partition gives this time. */
  @FunctionalInterface
  private interface Reading extends Function<List<Long>, List<Long>>, Serializable {}

  @Test
  void rowsThatComeAndGoAreNotMadeShards() {
    Dataset<Row> rows =
        changing(part -> part.subList(0, part.size() - READINGS.incrementAndGet() % 97))
            .selectExpr("value id", "'train' split", "null label", "array(float(value)) embedding");
    assertThatThrownBy(
            () ->
                Shards.embeddings(rows, Map.of("train", rows.count()), 1, 0, 0, 2, 1)
                    .get("train")
                    .map(Shard::size)
                    .collect())
        .hasStackTraceContaining("Rows changed while they were dealt out");
  }

  /**
   * A reader's rows are lost after they were dealt, and others come when it reads again: as many,
   * so that only their ranks tell.
   */
  @Test
  void rowsThatAreExchangedAreNotMadeShards() {
    Dataset<Row> rows =
        changing(
                part -> {
                  int reading = READINGS.incrementAndGet();
                  return part.stream().map(i -> i + 1000L * reading).toList();
                })
            .selectExpr("value id", "'train' split", "null label", "array(float(value)) embedding");
    JavaRDD<Shard> shards =
        Shards.embeddings(rows, Map.of("train", 1000L), 1, 0, 0, 3, 1).get("train");
    RDD<?> dealt = shards.rdd().dependencies().head().rdd();
    // All that one of the tasks has written for the second shuffle, and all of the first.
    int shuffle = Shuffles.id(dealt);
    MapOutputTrackerMaster outputs = (MapOutputTrackerMaster) SparkEnv.get().mapOutputTracker();
    outputs.unregisterMapOutput(shuffle, 1, SparkEnv.get().blockManager().shuffleServerId());
    assertThatThrownBy(() -> shards.map(Shard::size).collect())
        .hasStackTraceContaining("Rows changed while they were dealt out");
  }

  /** As one by one, however those that are fetched at once arrive. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100})
  void blocksThatAreFetchedSeveralAtOnceComeInOrder(int atOnce) {
    List<Tuple2<byte[], Integer>> keys =
        LongStream.range(0, 2000)
            .mapToObj(rank -> new Tuple2<>(ContentOrder.ranked(rank, new byte[8]), 1))
            .toList();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    OrderedShuffle dealt =
        new OrderedShuffle(context.parallelize(keys, 50).rdd(), evenAndOdd(), atOnce);
    assertThat(dealt.toJavaRDD().map(key -> ContentOrder.rank(key._1())).glom().collect())
        .containsExactly(
            LongStream.range(0, 1000).map(i -> 2 * i).boxed().toList(),
            LongStream.range(0, 1000).map(i -> 2 * i + 1).boxed().toList());
  }

  private static Partitioner evenAndOdd() {
    return new HashPartitioner(2) {
      @Override
      public int getPartition(Object key) {
        return (int) (ContentOrder.rank((byte[]) key) % 2);
      }
    };
  }
}
