/**
 * The jobs of a run of images, from files to embeddings, and what evaluation and samples show of
 * images.
 */
package dev.realnvp.jobs.images;
