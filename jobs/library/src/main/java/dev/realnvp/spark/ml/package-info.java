/**
 * Spark ML stages, for Java and Scala: {@link dev.realnvp.spark.ml.RealNVP} is an estimator of
 * densities, {@link dev.realnvp.spark.ml.AutoencoderEmbedder} and {@link
 * dev.realnvp.spark.ml.ImageClassifier} are transformers by models that the jobs have trained.
 *
 * <p>They hold no maths and no training of their own: what they do is done by the packages that the
 * jobs call. Defaults come from {@code pipeline.conf}, as the jobs' do. Knows nothing of the jobs.
 */
package dev.realnvp.spark.ml;
