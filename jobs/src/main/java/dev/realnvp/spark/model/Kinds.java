package dev.realnvp.spark.model;

/** What manifests call the models of images. */
public final class Kinds {

  /** An autoencoder. */
  public static final String AUTOENCODER = "autoencoder";

  /** A classifier. */
  public static final String CLASSIFIER = "classifier";

  private Kinds() {}
}
