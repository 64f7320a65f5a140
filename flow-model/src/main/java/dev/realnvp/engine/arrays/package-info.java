/**
 * Plain float arrays: functions of every element, products by OpenBLAS without a copy, and copies
 * from and to ND4J's arrays.
 */
package dev.realnvp.engine.arrays;
