/**
 * A flow as a file for other tools: NumPy's {@code .npz}, with arrays and names that {@code
 * docs/interop.md} describes, or ONNX. No Spark or Hadoop.
 */
package dev.realnvp.exchange;
