/**
 * The jobs that users call: each parses its options, checks its settings, and reads as its steps.
 * They hold no maths, and few Spark transformations of their own.
 */
package dev.realnvp.jobs;
