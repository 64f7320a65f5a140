/** Work beside other work. */
package dev.realnvp.spark.concurrent;
