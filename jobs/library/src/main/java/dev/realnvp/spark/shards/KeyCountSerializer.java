package dev.realnvp.spark.shards;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.reflect.ClassTag;

/**
 * Writes the keys of a shuffle, {@code byte[]}, with their counts, {@code Integer}, as plain bytes:
 * the length, the bytes, the count. It serializes nothing else.
 */
final class KeyCountSerializer extends Serializer implements Serializable {

  @Override
  public SerializerInstance newInstance() {
    return new Instance();
  }

  /** Records refer to nothing before them. */
  @Override
  public boolean supportsRelocationOfSerializedObjects() {
    return true;
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("Only keys with counts, as a stream");
  }

  private static final class Instance extends SerializerInstance {

    @Override
    public <T> ByteBuffer serialize(T value, ClassTag<T> type) {
      throw unsupported();
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassTag<T> type) {
      throw unsupported();
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> type) {
      throw unsupported();
    }

    @Override
    public SerializationStream serializeStream(OutputStream out) {
      return new Writer(new DataOutputStream(new BufferedOutputStream(out)));
    }

    @Override
    public DeserializationStream deserializeStream(InputStream in) {
      return new Reader(new DataInputStream(new BufferedInputStream(in)));
    }
  }

  private static final class Writer extends SerializationStream {
    private final DataOutputStream out;

    Writer(DataOutputStream out) {
      this.out = out;
    }

    @Override
    public <T> SerializationStream writeObject(T value, ClassTag<T> type) {
      try {
        if (value instanceof byte[] key) {
          out.writeInt(key.length);
          out.write(key);
        } else {
          out.writeInt((Integer) value);
        }
        return this;
      } catch (IOException e) {
        throw ExceptionUtils.<RuntimeException>rethrow(e);
      }
    }

    @Override
    public void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw ExceptionUtils.<RuntimeException>rethrow(e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw ExceptionUtils.<RuntimeException>rethrow(e);
      }
    }
  }

  /** Spark takes an EOFException for the end of the stream. */
  private static final class Reader extends DeserializationStream {
    private final DataInputStream in;

    Reader(DataInputStream in) {
      this.in = in;
    }

    @Override
    public <T> T readObject(ClassTag<T> type) {
      throw unsupported();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T readKey(ClassTag<T> type) {
      try {
        byte[] key = new byte[in.readInt()];
        in.readFully(key);
        return (T) key;
      } catch (IOException e) {
        throw ExceptionUtils.<RuntimeException>rethrow(e);
      }
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T readValue(ClassTag<T> type) {
      try {
        return (T) Integer.valueOf(in.readInt());
      } catch (IOException e) {
        throw ExceptionUtils.<RuntimeException>rethrow(e);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw ExceptionUtils.<RuntimeException>rethrow(e);
      }
    }
  }
}
