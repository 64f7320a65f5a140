package dev.realnvp.spark.ml;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * The parameters of stages that work on images: rows as of the table {@code images/}, whose {@code
 * pixels} are bytes from 0 to 255, row by row, the channels of a pixel together. Where columns
 * {@code height}, {@code width} and {@code channels} are there, they have to be the model's.
 *
 * @param <S> the stage
 */
public interface ImageColumns<S extends ImageColumns<S>> extends FluentParams<S> {

  /** The column of the pixels: binary. */
  default Param<String> pixelsCol() {
    return new Param<>(
        this,
        "pixelsCol",
        "pixels column: binary, bytes from 0 to 255, row by row, the channels of a pixel together");
  }

  /** How many rows a task works on at once. */
  default IntParam inferenceBatch() {
    return SettingParams.whole(this, "inferenceBatch", "rows that a task works on at once, %s");
  }

  default String getPixelsCol() {
    return getOrDefault(pixelsCol());
  }

  default S setPixelsCol(String column) {
    return with(pixelsCol(), column);
  }

  default int getInferenceBatch() {
    return (int) getOrDefault(inferenceBatch());
  }

  default S setInferenceBatch(int rows) {
    return with(inferenceBatch(), rows);
  }
}
