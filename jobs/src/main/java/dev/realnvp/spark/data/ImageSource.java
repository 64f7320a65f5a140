package dev.realnvp.spark.data;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * Images that are checked, and not yet read: {@link ImagesWriter} streams them.
 *
 * @param rows of {@link Images#SCHEMA}; every partition is read on its own, image after image
 * @param count how many images
 * @param layout every image's shape
 * @param classNames the name of each label, from 0; empty where labels are only numbers
 * @param description what it is, for the user
 */
public record ImageSource(
    JavaRDD<Row> rows,
    long count,
    PixelLayout layout,
    List<String> classNames,
    String description) {}
