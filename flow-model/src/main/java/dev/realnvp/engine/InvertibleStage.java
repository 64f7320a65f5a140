package dev.realnvp.engine;

/** A stage of a flow: an invertible map of rows, given the batch's context. */
public abstract class InvertibleStage extends Stage {

  /**
   * The way from base to data: takes the batch's values, leaves what {@link #forward} outside of
   * training makes them of, and adds {@code log |det dx/dz|} to the batch's log-determinants.
   */
  public abstract void inverse(Batch batch);
}
