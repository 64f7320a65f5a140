package dev.realnvp.spark.inference;

import javax.annotation.Nonnull;

/** A row of {@link FlowScorer#SCHEMA}, as a bean for Spark's encoders. */
public final class ScoreRow {

  private long id;
  private String split;
  private Integer label;
  private double logProb;
  private Double logProbLabel;
  private Integer predictedLabel;
  private Double predictedProbability;

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

  /** {@code log p(x)}, in nats. */
  public double getLogProb() {
    return logProb;
  }

  /** Sets {@link #getLogProb}. */
  public void setLogProb(double logProb) {
    this.logProb = logProb;
  }

  /** {@code log p(x | label)}, in nats; null for a row without a label that the flow knows. */
  public Double getLogProbLabel() {
    return logProbLabel;
  }

  /** Sets {@link #getLogProbLabel}. */
  public void setLogProbLabel(Double logProbLabel) {
    this.logProbLabel = logProbLabel;
  }

  /** The class with the highest posterior; null for a flow without classes. */
  public Integer getPredictedLabel() {
    return predictedLabel;
  }

  /** Sets {@link #getPredictedLabel}. */
  public void setPredictedLabel(Integer predictedLabel) {
    this.predictedLabel = predictedLabel;
  }

  /** That posterior; null for a flow without classes. */
  public Double getPredictedProbability() {
    return predictedProbability;
  }

  /** Sets {@link #getPredictedProbability}. */
  public void setPredictedProbability(Double predictedProbability) {
    this.predictedProbability = predictedProbability;
  }
}
