package dev.realnvp.spark.images;

import dev.realnvp.images.convolution.ImageShape;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * Images that are checked, but not yet read: {@link ImagesWriter} streams them.
 *
 * @param rows of {@link Images#SCHEMA}; each partition is read independently, image after image;
 *     ids start at 0
 * @param count the number of images
 * @param layout every image's shape
 * @param classNames the name of each label, from 0; empty if labels are only numbers
 * @param description what it is, for the user
 */
public record ImageSource(
    JavaRDD<Row> rows, long count, ImageShape layout, List<String> classNames, String description) {

  /**
   * A part of the images, always the same one: a hash of the id decides.
   *
   * @param fraction the approximate share of them to keep, above 0 and at most 1
   */
  public ImageSource sampled(double fraction) {
    return new ImageSource(
        rows.filter(row -> keeps(fraction, row.getLong(0))),
        LongStream.range(0, count).filter(id -> keeps(fraction, id)).count(),
        layout,
        classNames,
        description);
  }

  private static boolean keeps(double fraction, long id) {
    return new SplittableRandom(id).nextDouble() < fraction;
  }
}
