package dev.realnvp.engine;

/** A stage of a flow: an invertible map of rows, given the batch's context. */
public abstract class InvertibleStage extends Stage {

  /** Sets what the stages of a batch are given, if this stage makes it of the context. */
  public void condition(Batch batch) {}

  /**
   * Maps base to data: replaces the batch's values by those that {@link #forward} outside of
   * training maps to them, and adds {@code log |det dx/dz|} to the batch's log-determinants.
   */
  public abstract void inverse(Batch batch);
}
