package dev.realnvp.exchange;

import dev.realnvp.flow.BaseDistribution;
import dev.realnvp.flow.CouplingMask;
import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.FeatureScaling;
import dev.realnvp.flow.LinearMap;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.flow.RealNVPConfig;
import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.flow.layer.InvertibleLinear;
import dev.realnvp.model.EpochStats;
import dev.realnvp.model.Manifest;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;

/** Flows with parameters far from their initial values. */
final class Flows {

  private static final Optimizer OPTIMIZER = new Optimizer(1e-3, Schedule.COSINE, 10, 0, 1e-5);

  /** Standard deviation of the parameters. */
  private static final double SPREAD = 0.2;

  private Flows() {}

  /**
   * With and without context, embeddings, permutations, linear maps, batch and activation norms,
   * splines; one network and two, fully connected and residual; both masks and both bases.
   */
  static Stream<RealNVPConfig> configs() {
    List<RealNVPConfig> configs = new ArrayList<>();
    for (boolean shared : List.of(true, false)) {
      configs.add(
          RealNVPConfig.builder(5, 3, 3, List.of(16, 8))
              .linear(LinearMap.PERMUTATION)
              .sharedNetwork(shared)
              .seed(1)
              .build());
      configs.add(
          RealNVPConfig.builder(6, 0, 4, List.of(7))
              .mask(CouplingMask.HALF)
              .permute(false)
              .sharedNetwork(shared)
              .seed(2)
              .build());
      configs.add(
          RealNVPConfig.builder(3, 1, 2, List.of(9, 9, 9))
              .coupling(shared ? CouplingTransform.SPLINE : CouplingTransform.AFFINE)
              .mask(CouplingMask.HALF)
              .batchNorm(false)
              .sharedNetwork(shared)
              .seed(3)
              .build());
    }
    for (boolean permute : List.of(true, false)) {
      configs.add(
          RealNVPConfig.builder(4, 2, 2, List.of(6))
              .permute(permute)
              .linear(LinearMap.LU)
              .seed(4)
              .build());
    }
    for (CouplingTransform coupling : CouplingTransform.values()) {
      for (boolean shared : List.of(true, false)) {
        configs.add(
            RealNVPConfig.builder(5, 3, 2, List.of(6, 6))
                .conditioner(Conditioner.Kind.RESIDUAL)
                .coupling(coupling)
                .batchNorm(false)
                .activationNorm(true)
                .sharedNetwork(shared)
                .base(BaseDistribution.CONDITIONAL)
                .seed(6)
                .build());
      }
    }
    configs.add(
        RealNVPConfig.builder(4, 5, 2, List.of(6))
            .embedding(3)
            .base(BaseDistribution.CONDITIONAL)
            .seed(5)
            .build());
    configs.add(RealNVPConfig.builder(4, 5, 2, List.of(6)).embedding(3).seed(5).build());
    return configs.stream();
  }

  static RealNVP of(RealNVPConfig config) {
    return scramble(RealNVP.create(config, OPTIMIZER), SPREAD);
  }

  /** The default flow of MNIST's codes, which the benchmark's peer has too. */
  static RealNVP ofBenchmark(CouplingTransform coupling) {
    RealNVPConfig config =
        RealNVPConfig.builder(20, 10, 9, List.of(200, 200))
            .coupling(coupling)
            .linear(LinearMap.LU)
            .seed(6)
            .build();
    // Values grow from layer to layer in wide networks with large weights.
    return scramble(RealNVP.create(config, OPTIMIZER), SPREAD / 4);
  }

  /** The same behind a standardization. */
  static RealNVP standardized(RealNVPConfig config) {
    double[] mean = new double[config.features()];
    double[] scale = DoubleStream.generate(() -> 1).limit(mean.length).toArray();
    return scramble(
        RealNVP.create(config, new FeatureScaling(mean, scale), new double[0], OPTIMIZER), SPREAD);
  }

  /** A linear map with signs of both kinds, which no configuration makes. */
  static RealNVP signed() {
    return scramble(
        RealNVP.of(List.of(new InvertibleLinear(2, List.of(2, 3, 1, 0), List.of(1, -1, -1, 1)))),
        SPREAD);
  }

  private static RealNVP scramble(RealNVP flow, double spread) {
    Nd4j.getRandom().setSeed(11);
    flow.network()
        .paramTable()
        .forEach(
            (name, value) -> {
              value.assign(Nd4j.randn(value.dataType(), value.shape()).muli(spread));
              if (name.endsWith("_var") || name.endsWith("_scale")) {
                value.muli(value).addi(1);
              }
            });
    return flow;
  }

  static Manifest manifest(RealNVP flow) {
    return Manifest.builder("flow")
        .network(flow.network())
        .settings(Map.of("features", flow.features(), "class_counts", List.of(3, 4)), 42)
        .from("sha256:ab", Map.of("autoencoder", "fedcba9876543210"))
        .history(List.of(new EpochStats(1, 2, 0.5, 0.25, 3, 41.5, Double.NaN)))
        .build();
  }
}
