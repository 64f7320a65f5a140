package dev.realnvp.spark.inference;

import javax.annotation.Nonnull;

/** A row of {@link FlowScorer#SCHEMA}, as a bean for Spark's encoders. */
public final class ScoreRow {

  private long id;
  private String split;
  private Integer label;
  private Double logProb;
  private Double logProbLabel;
  private Integer predictedLabel;
  private Double predictedProbability;
  private float[] posterior;
  private Double percentile;
  private Double typicality;
  private Double reconstructionError;
  private Double anomalyScore;
  private Boolean anomaly;
  private Boolean classAnomaly;

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

  /** {@code log p(x)}, in nats; null where that is not finite. */
  public Double getLogProb() {
    return logProb;
  }

  /** Sets {@link #getLogProb}. */
  public void setLogProb(Double logProb) {
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

  /** The posterior of each class; null for a flow without classes. */
  public float[] getPosterior() {
    return posterior;
  }

  /** Sets {@link #getPosterior}. */
  public void setPosterior(float[] posterior) {
    this.posterior = posterior;
  }

  /** The share of held-out rows that are at most as likely; null without a calibration. */
  public Double getPercentile() {
    return percentile;
  }

  /** Sets {@link #getPercentile}. */
  public void setPercentile(Double percentile) {
    this.percentile = percentile;
  }

  /**
   * How far {@code log p(x)} is from the held-out rows' mean, in nats; null without a calibration.
   */
  public Double getTypicality() {
    return typicality;
  }

  /** Sets {@link #getTypicality}. */
  public void setTypicality(Double typicality) {
    this.typicality = typicality;
  }

  /** Of the image under its decoded embedding, nats a pixel; null where it is not known. */
  public Double getReconstructionError() {
    return reconstructionError;
  }

  /** Sets {@link #getReconstructionError}. */
  public void setReconstructionError(Double reconstructionError) {
    this.reconstructionError = reconstructionError;
  }

  /** How strange the row is; null without a calibration. */
  public Double getAnomalyScore() {
    return anomalyScore;
  }

  /** Sets {@link #getAnomalyScore}. */
  public void setAnomalyScore(Double anomalyScore) {
    this.anomalyScore = anomalyScore;
  }

  /** Whether it is stranger than all but few held-out rows; null without a calibration. */
  public Boolean getAnomaly() {
    return anomaly;
  }

  /** Sets {@link #getAnomaly}. */
  public void setAnomaly(Boolean anomaly) {
    this.anomaly = anomaly;
  }

  /** The same next to the held-out rows of its likeliest class; null without a calibration. */
  public Boolean getClassAnomaly() {
    return classAnomaly;
  }

  /** Sets {@link #getClassAnomaly}. */
  public void setClassAnomaly(Boolean classAnomaly) {
    this.classAnomaly = classAnomaly;
  }
}
