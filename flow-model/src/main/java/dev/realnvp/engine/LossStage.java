package dev.realnvp.engine;

/**
 * A loss without parameters: the batch's inputs are its targets, in the order of the values that it
 * judges.
 */
public abstract class LossStage extends Stage {

  private int width;

  /** Says how many values a row has. */
  public void width(int values) {
    width = values;
  }

  /** How many values a row has. */
  protected final int width() {
    return width;
  }

  @Override
  public final int[] order() {
    return new int[0];
  }

  @Override
  public final int trained() {
    return 0;
  }
}
