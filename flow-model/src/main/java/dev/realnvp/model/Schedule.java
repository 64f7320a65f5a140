package dev.realnvp.model;

/** How the learning rate changes over the iterations of a training. */
public enum Schedule {
  /** Constant. */
  CONSTANT,
  /** Half a cosine, down to 0 at the last step; see {@link CosineSchedule}. */
  COSINE
}
