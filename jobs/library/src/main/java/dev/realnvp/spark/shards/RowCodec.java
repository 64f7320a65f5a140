package dev.realnvp.spark.shards;

import dev.realnvp.spark.training.rows.Shard;
import java.io.Serializable;
import java.nio.ByteBuffer;

/** Gives a packed row its place in the file, and a file its meaning. */
public interface RowCodec extends Serializable {

  /** How its rows lie in a file. */
  RowFormat format();

  /** Writes a row's bytes to a file, {@link RowFormat#rowBytes} of them. */
  void write(ByteBuffer packed, ByteBuffer file);

  /** The rows of a file as a shard. */
  Shard open(RowFile rows);
}
