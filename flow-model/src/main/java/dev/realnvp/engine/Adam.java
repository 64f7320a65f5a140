package dev.realnvp.engine;

/**
 * Adam over flat vectors (Kingma and Ba 2015, in the form of the end of its section 2), with L2 in
 * the gradient, in one pass:
 *
 * <pre>
 * g = gradient / N + l2 p
 * m = beta1 m + (1 - beta1) g
 * v = beta2 v + (1 - beta2) g^2
 * p = p - rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
 * </pre>
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon what keeps the division from zero
 * @param l2 factor of the parameters in the gradient
 */
record Adam(double beta1, double beta2, double epsilon, double l2) {

  /**
   * One step.
   *
   * @param size how many parameters, the first ones
   * @param examples N, over whose losses the gradient is a sum
   * @param step t, from 1
   */
  void step(
      float[] p, float[] gradient, float[] m, float[] v, int size, int examples, double rate,
      int step) {
    float perExample = 1f / examples;
    float decay = (float) l2;
    float keepM = (float) beta1;
    float takeM = (float) (1 - beta1);
    float keepV = (float) beta2;
    float takeV = (float) (1 - beta2);
    float small = (float) epsilon;
    float alpha = (float) (rate * Math.sqrt(1 - Math.pow(beta2, step)) / (1 - Math.pow(beta1, step)));
    for (int i = 0; i < size; i++) {
      float g = gradient[i] * perExample + decay * p[i];
      float first = keepM * m[i] + takeM * g;
      float second = keepV * v[i] + takeV * g * g;
      m[i] = first;
      v[i] = second;
      p[i] -= alpha * first / ((float) Math.sqrt(second) + small);
    }
  }
}
