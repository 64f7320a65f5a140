package dev.realnvp.spark.model;

/** The kinds of models of images in manifests. */
public final class ModelKinds {

  /** An autoencoder. */
  public static final String AUTOENCODER = "autoencoder";

  /** A classifier. */
  public static final String CLASSIFIER = "classifier";

  private ModelKinds() {}
}
