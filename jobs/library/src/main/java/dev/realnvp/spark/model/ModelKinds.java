package dev.realnvp.spark.model;

/** The kinds of models of images in manifests. */
public final class ModelKinds {

  public static final String AUTOENCODER = "autoencoder";

  public static final String CLASSIFIER = "classifier";

  private ModelKinds() {}
}
