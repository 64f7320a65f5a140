package dev.realnvp.engine;

/** What a DL4J layer configuration, or a loss, implements whose layer can run on plain arrays. */
public interface StagedLayer {

  /** A new stage that computes what the layer does. */
  Stage stage();
}
