package dev.realnvp.spark.inference;

/** A row of images/, without its sizes, as a bean for Spark's encoders. */
public final class ImageRow extends LabelledImage {

  private long id;
  private String split;

  /** The row's number. */
  public long getId() {
    return id;
  }

  /** Sets {@link #getId}. */
  public void setId(long id) {
    this.id = id;
  }

  /** Train or test. */
  public String getSplit() {
    return split;
  }

  /** Sets {@link #getSplit}. */
  public void setSplit(String split) {
    this.split = split;
  }
}
