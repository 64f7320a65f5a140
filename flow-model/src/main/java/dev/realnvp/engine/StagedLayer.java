package dev.realnvp.engine;

/** A DL4J layer configuration, or a loss, that can run on plain arrays. */
public interface StagedLayer {

  /** A new stage with the layer's computation. */
  Stage stage();
}
