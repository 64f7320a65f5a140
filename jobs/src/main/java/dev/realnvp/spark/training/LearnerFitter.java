package dev.realnvp.spark.training;

import dev.realnvp.engine.Learner;

/** The engine's learner, of a network whose layers all have stages. */
final class LearnerFitter implements Fitter {

  private final Learner learner;
  private NetworkState start;
  private int steps;

  LearnerFitter(Learner learner) {
    this.learner = learner;
  }

  @Override
  public void restore(NetworkState state) {
    learner.load(state.parameters(), state.updater(), state.iteration(), state.epoch());
    start = state;
    steps = 0;
  }

  @Override
  public double fit(Shard shard, int[] rows) {
    shard.fill(rows, learner.batch().rows(rows.length));
    steps++;
    return learner.fit();
  }

  @Override
  public double loss(Shard shard, int[] rows) {
    shard.fill(rows, learner.batch().rows(rows.length));
    return learner.loss();
  }

  @Override
  public NetworkState state() {
    float[] parameters = new float[start.parameters().length];
    float[] updater = new float[start.updater().length];
    learner.store(parameters, updater);
    return new NetworkState(parameters, updater, start.iteration() + steps, start.epoch());
  }
}
