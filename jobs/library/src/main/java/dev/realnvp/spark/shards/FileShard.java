package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.rows.Shard;
import java.util.stream.IntStream;

/** Rows in a file. */
public interface FileShard extends Shard {

  RowFile file();

  @Override
  default Extent extent() {
    return file().extent();
  }

  @Override
  default void verify(int block) {
    file().verify(block);
  }

  /** The labels of some rows, which stand at the same place in each. */
  default int[] labels(long[] rows, int at) {
    return IntStream.range(0, rows.length)
        .map(i -> file().piece(rows[i]).getInt(file().offset(rows[i]) + at))
        .toArray();
  }
}
