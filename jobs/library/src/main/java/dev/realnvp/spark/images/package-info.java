/**
 * Images as DataFrames: read from IDX files and folders of PNGs, checked, written, and drawn as
 * grids of PNGs.
 */
package dev.realnvp.spark.images;
