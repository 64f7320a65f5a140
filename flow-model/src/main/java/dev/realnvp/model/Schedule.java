package dev.realnvp.model;

/** How the learning rate moves over the iterations of a training. */
public enum Schedule {
  /** It stays what it is. */
  CONSTANT,
  /** Half a cosine, down to 0 at the last step; see {@link CosineSchedule}. */
  COSINE
}
