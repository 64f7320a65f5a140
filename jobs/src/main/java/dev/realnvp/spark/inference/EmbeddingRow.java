package dev.realnvp.spark.inference;

import javax.annotation.Nonnull;

/** A row of {@link dev.realnvp.spark.data.Embeddings#SCHEMA}, as a bean for Spark's encoders. */
public class EmbeddingRow {

  private long id;
  private String split;
  private Integer label;
  private float[] embedding;

  /** The row's number. */
  public long getId() {
    return id;
  }

  /** Sets {@link #getId}. */
  public void setId(long id) {
    this.id = id;
  }

  /** Train or test. */
  @Nonnull
  public String getSplit() {
    return split;
  }

  /** Sets {@link #getSplit}. */
  public void setSplit(String split) {
    this.split = split;
  }

  /** The class; null where there are none. */
  public Integer getLabel() {
    return label;
  }

  /** Sets {@link #getLabel}. */
  public void setLabel(Integer label) {
    this.label = label;
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
}
