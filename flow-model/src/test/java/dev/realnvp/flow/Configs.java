package dev.realnvp.flow;

import dev.realnvp.flow.layer.Conditioner;
import dev.realnvp.model.Optimizer;
import dev.realnvp.model.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Configurations that tests go through. */
final class Configs {

  static final Optimizer ADAM = new Optimizer(1e-2, Schedule.CONSTANT, 1, 0);

  private Configs() {}

  /**
   * Every mask, with and without permutation, batch norm and context, one network and two; and with
   * linear maps, residual conditioners, activation norms and both bases.
   */
  static Stream<RealNVPConfig> all() {
    List<RealNVPConfig> configs = new ArrayList<>();
    for (CouplingMask mask : CouplingMask.values()) {
      for (int bits = 0; bits < 16; bits++) {
        int context = bit(bits, 0) ? 2 : 0;
        List<Integer> hidden = bit(bits, 1) ? List.of(6, 3, 5) : List.of(4);
        configs.add(
            RealNVPConfig.builder(5, context, 3, hidden)
                .mask(mask)
                .permute(bit(bits, 1))
                .linear(LinearMap.PERMUTATION)
                .batchNorm(bit(bits, 2))
                .sharedNetwork(bit(bits, 3))
                .seed(1)
                .build());
      }
      for (boolean permute : List.of(true, false)) {
        configs.add(
            RealNVPConfig.builder(5, 2, 3, List.of(4))
                .mask(mask)
                .permute(permute)
                .linear(LinearMap.LU)
                .batchNorm(permute)
                .seed(1)
                .build());
        configs.add(
            RealNVPConfig.builder(5, permute ? 2 : 0, 3, List.of(4, 4))
                .conditioner(Conditioner.Kind.RESIDUAL)
                .mask(mask)
                .batchNorm(false)
                .activationNorm(true)
                .base(permute ? BaseDistribution.CONDITIONAL : BaseDistribution.NORMAL)
                .seed(1)
                .build());
      }
    }
    return configs.stream();
  }

  private static boolean bit(int bits, int index) {
    return (bits >> index & 1) == 1;
  }

  static RealNVPConfig small(int features, int context, int couplings, long seed) {
    return RealNVPConfig.builder(features, context, couplings, List.of(16)).seed(seed).build();
  }
}
