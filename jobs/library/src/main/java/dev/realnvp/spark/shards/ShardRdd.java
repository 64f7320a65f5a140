package dev.realnvp.spark.shards;

import dev.realnvp.spark.cluster.Shuffles;
import dev.realnvp.spark.failure.RetryableException;
import dev.realnvp.spark.training.rows.Shard;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.Partition;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Shards whose rows lie in files in Spark's local folders: a partition's rows are written once, as
 * they arrive, and mapped into memory by each task that wants them.
 *
 * <p>If this is persisted, whatever the level, a file becomes the partition's block in the
 * executor's block manager. So Spark prefers the executor that has it, forgets it when that one
 * dies, deletes it with {@code unpersist} or the application, and runs the stages before only where
 * a block is missing. But a block is never sent to another executor as a cached partition would be:
 * a task that runs where the file is not writes the partition's rows again there. If this is not
 * persisted, a file lasts as long as its task.
 */
final class ShardRdd extends RDD<Shard> {

  private static final Logger LOG = LoggerFactory.getLogger(ShardRdd.class);
  private static final ClassTag<Shard> TAG = ClassTag$.MODULE$.apply(Shard.class);
  private static final ClassTag<Tuple2<byte[], Integer>> ROWS =
      ClassTag$.MODULE$.apply(Tuple2.class);

  private final long[] sizes;
  private final int[] shuffles;
  private final RowCodec codec;
  private boolean kept;

  /**
   * @param group whose rows, a partition per shard
   */
  ShardRdd(BalancedPartitioner.Dealt rows, int group, RowCodec codec) {
    super(rows.rows().part(group * rows.partitions(), rows.partitions()), TAG);
    int shards = rows.partitions();
    long all = rows.counts()[group];
    this.sizes = LongStream.range(0, shards).map(p -> (all - p + shards - 1) / shards).toArray();
    this.shuffles = rows.shuffles();
    this.codec = codec;
  }

  @Override
  public Partition[] getPartitions() {
    return firstParent(ROWS).partitions();
  }

  @Override
  public RDD<Shard> persist(StorageLevel level) {
    if (!kept) {
      context()
          .cleaner()
          .foreach(
              cleaner -> {
                cleaner.registerRDDForCleanup(this);
                return null;
              });
      context().persistRDD(this);
      kept = true;
    }
    return this;
  }

  /** Also deletes the shuffles' files, which are larger than the shards. */
  @Override
  public RDD<Shard> unpersist(boolean blocking) {
    kept = false;
    Shuffles.delete(context(), blocking, shuffles);
    return super.unpersist(blocking);
  }

  /** What Spark's scheduler asks to learn whether blocks may exist; its own field stays NONE. */
  @Override
  public StorageLevel getStorageLevel() {
    return kept ? StorageLevel.DISK_ONLY() : StorageLevel.NONE();
  }

  @Override
  public scala.collection.Iterator<Shard> compute(Partition split, TaskContext context) {
    RowFile rows = open(split, context);
    context.addTaskCompletionListener((TaskCompletionListener) done -> rows.close());
    return JavaConverters.asScalaIteratorConverter(List.of(codec.open(rows)).iterator()).asScala();
  }

  private RowFile open(Partition split, TaskContext context) {
    BlockManager blocks = SparkEnv.get().blockManager();
    RDDBlockId block = new RDDBlockId(id(), split.index());
    File file = blocks.diskBlockManager().getFile(block);
    if (kept && blocks.getStatus(block).isDefined()) {
      try {
        return open(file, blocks, block);
      } catch (RetryableException | IOException e) {
        LOG.warn("written again", e);
        blocks.removeBlock(block, true);
      }
    }
    File written = new File(file.getParentFile(), file.getName() + "." + context.taskAttemptId());
    try {
      write(written, split, context);
      return kept && keep(blocks, block, written)
          ? open(file, blocks, block)
          : open(written, blocks, block);
    } catch (IOException e) {
      throw new RetryableException(
          "cannot keep the rows of worker %d in %s (%s): make room there, or name another spark.local.dir"
              .formatted(split.index(), file.getParentFile(), e.getMessage()),
          e);
    } finally {
      // It is mapped, or has moved.
      delete(written);
    }
  }

  private RowFile open(File file, BlockManager blocks, RDDBlockId block) throws IOException {
    return RowFile.open(
        file, codec.format(), sizes[block.splitIndex()], () -> blocks.removeBlock(block, true));
  }

  private static void delete(File file) {
    try {
      Files.deleteIfExists(file.toPath());
    } catch (IOException e) {
      LOG.warn("not deleted", e);
    }
  }

  private void write(File file, Partition split, TaskContext context) throws IOException {
    try (RowFile.Writer writer = new RowFile.Writer(file, codec.format())) {
      scala.collection.Iterator<Tuple2<byte[], Integer>> rows =
          firstParent(ROWS).iterator(split, context);
      long count = 0;
      while (rows.hasNext()) {
        Tuple2<byte[], Integer> row = rows.next();
        // Every row has its turn: a table that changed between two readings gives other ranks.
        if (ContentOrder.rank(row._1()) != split.index() + count * sizes.length) {
          throw BalancedPartitioner.changed();
        }
        for (int times = row._2(); times > 0; times--) {
          codec.write(ContentOrder.row(row._1()), writer.next());
        }
        count += row._2();
      }
      if (count != sizes[split.index()]) {
        throw BalancedPartitioner.changed();
      }
      writer.finish();
    }
  }

  private static boolean keep(BlockManager blocks, RDDBlockId block, File written)
      throws IOException {
    try {
      return blocks
          .new TempFileBasedBlockStoreUpdater<Shard>(
              block, StorageLevel.DISK_ONLY(), TAG, written, written.length(), true, false)
          .save();
    } catch (IllegalArgumentException e) {
      // Spark 4.2's word for a file that cannot be moved to its place.
      throw new IOException(e.getMessage(), e);
    }
  }
}
