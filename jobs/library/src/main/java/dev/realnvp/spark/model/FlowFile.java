package dev.realnvp.spark.model;

import dev.realnvp.exchange.FlowArrays;
import dev.realnvp.exchange.Npz;
import dev.realnvp.spark.failure.InvalidInputException;
import dev.realnvp.spark.storage.Location;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;

/** A flow as a file of NumPy arrays, on a Hadoop file system; see {@link FlowArrays}. */
public final class FlowFile {

  private FlowFile() {}

  /**
   * Reads it.
   *
   * @param kind the kind that its manifest must have
   * @throws InvalidInputException if it does not exist, is not such a file, or has another kind
   */
  public static FlowArrays.Described read(Configuration hadoop, String name, String kind) {
    Location file = Location.of(hadoop, name);
    FlowArrays.Described model;
    try (InputStream in = file.open("a file of NumPy arrays")) {
      model =
          FlowArrays.toFlow(Npz.read(in, file.fileSystem().getFileStatus(file.path()).getLen()));
    } catch (IOException e) {
      throw file.unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "cannot import %s: %s".formatted(file.display(), e.getMessage()), e);
    }
    if (!model.manifest().kind().equals(kind)) {
      throw new InvalidInputException(
          "%s holds a model of kind %s; expected %s"
              .formatted(file.display(), model.manifest().kind(), kind));
    }
    return model;
  }
}
