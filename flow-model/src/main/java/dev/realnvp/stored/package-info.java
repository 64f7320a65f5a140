/**
 * Trained models in their folders: the files, and what a flow's manifest says of it.
 *
 * <p>Must not import Spark or Hadoop: a {@link dev.realnvp.stored.StoredFolder} may be anywhere.
 */
package dev.realnvp.stored;
