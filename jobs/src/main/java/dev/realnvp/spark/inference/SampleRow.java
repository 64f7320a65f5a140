package dev.realnvp.spark.inference;

import javax.annotation.Nonnull;

/** A row of {@link FlowSampler#SCHEMA}, as a bean for Spark's encoders. */
public final class SampleRow {

  private long id;
  private Integer label;
  private double logProb;
  private float[] embedding;
  private byte[] pixels;

  /** The row's number. */
  public long getId() {
    return id;
  }

  /** Sets {@link #getId}. */
  public void setId(long id) {
    this.id = id;
  }

  /** The class that it was drawn from; null for a flow without classes. */
  public Integer getLabel() {
    return label;
  }

  /** Sets {@link #getLabel}. */
  public void setLabel(Integer label) {
    this.label = label;
  }

  /** {@code log p(x | label)}, in nats. */
  public double getLogProb() {
    return logProb;
  }

  /** Sets {@link #getLogProb}. */
  public void setLogProb(double logProb) {
    this.logProb = logProb;
  }

  /** The D features. */
  @Nonnull
  public float[] getEmbedding() {
    return embedding;
  }

  /** Sets {@link #getEmbedding}. */
  public void setEmbedding(float[] embedding) {
    this.embedding = embedding;
  }

  /** The decoded image; null without an autoencoder. */
  public byte[] getPixels() {
    return pixels;
  }

  /** Sets {@link #getPixels}. */
  public void setPixels(byte[] pixels) {
    this.pixels = pixels;
  }
}
