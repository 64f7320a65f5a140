package dev.realnvp.engine;

/** A stage of a flow: an invertible map of rows, given the batch's context. */
public abstract class InvertibleStage extends Stage {

  /**
   * Sets {@link Batch#condition(Floats, Floats)}, if this stage makes it of the context. {@link
   * #forward} does so itself; before an {@link #inverse} of later stages it has to be called.
   */
  public void condition(Batch batch) {}

  /**
   * Maps base to data: replaces the batch's values by those that {@link #forward} outside of
   * training maps to them, and adds {@code log |det dx/dz|} to the batch's log-determinants.
   */
  public abstract void inverse(Batch batch);
}
