package dev.realnvp.spark.inference;

/** An image and its class, as a bean for Spark's encoders. */
public class LabelledImage {

  private int label;
  private byte[] pixels;

  /** The class. */
  public int getLabel() {
    return label;
  }

  /** Sets {@link #getLabel}. */
  public void setLabel(int label) {
    this.label = label;
  }

  /** As the table's layout says. */
  public byte[] getPixels() {
    return pixels;
  }

  /** Sets {@link #getPixels}. */
  public void setPixels(byte[] pixels) {
    this.pixels = pixels;
  }
}
