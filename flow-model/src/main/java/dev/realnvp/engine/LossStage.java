package dev.realnvp.engine;

/** A loss without parameters: the batch's inputs are its targets, in the order of its values. */
public abstract class LossStage extends Stage {

  private int width;

  /** Sets the number of values per row. */
  public void width(int values) {
    width = values;
  }

  /** The number of values per row. */
  protected final int width() {
    return width;
  }
}
