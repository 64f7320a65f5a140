/**
 * How fast the jobs are, next to PyTorch and to DL4J as it comes, and how well they find anomalies,
 * next to other detectors. Measures the jobs themselves, from outside; nothing here knows how they
 * do their work.
 */
package dev.realnvp.jobs.bench;
