package dev.realnvp.spark.inference;

/**
 * An embedding and what it loses of its image: a row of {@link
 * dev.realnvp.spark.data.Embeddings#RECONSTRUCTED}, as a bean for Spark's encoders.
 */
public final class ReconstructedRow extends EmbeddingRow {

  private Double reconstructionError;

  /** Of the image under its decoded embedding, nats a pixel; null where it is not known. */
  public Double getReconstructionError() {
    return reconstructionError;
  }

  /** Sets {@link #getReconstructionError}. */
  public void setReconstructionError(Double reconstructionError) {
    this.reconstructionError = reconstructionError;
  }
}
