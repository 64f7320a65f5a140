package dev.realnvp.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.realnvp.flow.CouplingTransform;
import dev.realnvp.flow.MixedFlows;
import dev.realnvp.flow.Networks;
import dev.realnvp.flow.RealNVP;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The documentation's PyTorch on exported flows, and the benchmark's peer with their parameters,
 * where there is a Python with PyTorch.
 */
class PyTorchTest {

  private static final int ROWS = 6;
  private static final int NO_PYTORCH = 42;

  private static final String START =
      """
      import sys
      try:
          import numpy as np, torch
      except ImportError:
          sys.exit(%d)
      sys.path[:0] = ["../docs/examples", "../submit/bench"]
      import log_prob
      """
          .formatted(NO_PYTORCH);

  /** For each flow: log_prob of the rows, and the same file written again by NumPy. */
  private static final String SCRIPT =
      START
          + """
      for folder in sys.argv[1:]:
          rows = np.load(folder + "/rows.npz")
          x, context = (torch.from_numpy(rows[name]) for name in ("x", "context"))
          config, arrays = log_prob.load(folder + "/flow.npz")
          result = log_prob.log_prob(config, arrays, x, context if config["context"] else None)
          np.savez(folder + "/result.npz", log_prob=result.numpy())
          np.savez(folder + "/again.npz", **np.load(folder + "/flow.npz"))
      """;

  /**
   * For each flow: log_prob of the rows by the peer. Its networks have the context first, and that
   * of its affine coupling has inputs and outputs for all features.
   */
  private static final String PEER =
      START
          + """
      import peer
      odd = torch.arange(1, peer.FEATURES, 2)
      even = odd - 1
      for folder in sys.argv[1:]:
          rows = np.load(folder + "/rows.npz")
          config, a = log_prob.load(folder + "/flow.npz")
          kinds = [layer["type"] for layer in config["layers"]]
          assert kinds == [kinds[0], "linear", "batch_norm"] * peer.COUPLINGS, kinds
          affine = kinds[0] == "coupling"
          flow = peer.Flow(peer.AffineCoupling if affine else peer.SplineCoupling).eval()
          for i, block in enumerate(flow.blocks):
              first, middle, last = [layer for layer in block.coupling.network if hasattr(layer, "weight")]
              inputs = peer.CLASSES + (odd if affine else torch.arange(len(odd)))
              outputs = torch.cat((even, peer.FEATURES + even)) if affine else torch.arange(len(last.bias))
              with torch.no_grad():
                  first.weight[:, inputs] = a[f"{3 * i}_W0"][: len(odd)].T
                  first.weight[:, : peer.CLASSES] = a[f"{3 * i}_W0"][len(odd) :].T
                  first.bias[:] = a[f"{3 * i}_b0"]
                  middle.weight[:] = a[f"{3 * i}_W1"].T
                  middle.bias[:] = a[f"{3 * i}_b1"]
                  last.weight[outputs] = a[f"{3 * i}_W2"].T
                  last.bias[outputs] = a[f"{3 * i}_b2"]
                  block.lu[:] = a[f"{3 * i + 1}_lu"]
                  block.permutation[:] = a[f"{3 * i + 1}_order"]
                  block.log_gamma[:] = a[f"{3 * i + 2}_logGamma"]
                  block.beta[:] = a[f"{3 * i + 2}_beta"]
                  block.running_mean[:] = a[f"{3 * i + 2}_mean"]
                  block.running_var[:] = a[f"{3 * i + 2}_var"]
          x, context = (torch.from_numpy(rows[name]) for name in ("x", "context"))
          result = flow.log_prob(x, context)
          result.sum().backward()
          assert all(p.grad.isfinite().all() for p in flow.parameters())
          np.savez(folder + "/result.npz", log_prob=result.detach().numpy())
      """;

  @TempDir static Path temp;

  private static final List<RealNVP> FLOWS =
      Stream.of(
              Flows.configs()
                  .flatMap(config -> Stream.of(Flows.of(config), Flows.standardized(config))),
              Stream.of(Flows.signed()),
              MixedFlows.all())
          .flatMap(flows -> flows)
          .toList();

  /** As the peer has them; these rows reach beyond the splines. */
  private static final List<RealNVP> PEERS =
      Stream.of(CouplingTransform.values()).map(Flows::ofBenchmark).toList();

  private static Path folder(RealNVP flow) {
    boolean peers = PEERS.contains(flow);
    return temp.resolve((peers ? "peer " : "flow ") + (peers ? PEERS : FLOWS).indexOf(flow));
  }

  private static INDArray rows(RealNVP flow, int columns) {
    Nd4j.getRandom().setSeed(100 + (PEERS.contains(flow) ? PEERS : FLOWS).indexOf(flow));
    return Nd4j.randn(ROWS, columns).castTo(DataType.FLOAT);
  }

  private static INDArray rows(RealNVP flow) {
    return flow.mixed().isPresent()
        ? MixedFlows.rows(flow, 100, ROWS)
        : rows(flow, flow.features());
  }

  private static NpyArray array(INDArray matrix) {
    float[] values = Nd4j.toFlattened('c', matrix).toFloatVector();
    return NpyArray.of(values, ROWS, (int) matrix.size(1));
  }

  @BeforeAll
  static void runPython() throws IOException, InterruptedException {
    for (RealNVP flow : Stream.of(FLOWS, PEERS).flatMap(List::stream).toList()) {
      Files.createDirectories(folder(flow));
      try (OutputStream out = Files.newOutputStream(folder(flow).resolve("flow.npz"))) {
        Npz.write(FlowArrays.of(flow, Flows.manifest(flow)), out);
      }
      try (OutputStream out = Files.newOutputStream(folder(flow).resolve("rows.npz"))) {
        Npz.write(
            Map.of(
                "x", array(rows(flow)),
                "context", array(rows(flow, Math.max(flow.context(), 1)))),
            out);
      }
    }
    String python =
        Stream.of("python3", "/usr/bin/python3")
            .filter(name -> run(name, SCRIPT, FLOWS))
            .findFirst()
            .orElse("");
    assumeTrue(!python.isEmpty(), "there is no Python with PyTorch and NumPy");
    run(python, PEER, PEERS);
  }

  /** Whether this Python has what the script needs; fails where the script does. */
  private static boolean run(String python, String script, List<RealNVP> flows) {
    List<String> command = new ArrayList<>(List.of(python, "-c", script));
    flows.forEach(flow -> command.add(folder(flow).toString()));
    Path log = temp.resolve("python.log");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      return false;
    }
    try {
      int code = process.waitFor();
      assertThat(code).as(Files.readString(log)).isIn(0, NO_PYTORCH);
      return code == 0;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, NpyArray> read(RealNVP flow, String file) throws IOException {
    try (InputStream in = Files.newInputStream(folder(flow).resolve(file))) {
      return Npz.read(in, Long.MAX_VALUE >> 8);
    }
  }

  @Test
  void computesTheSameLogProbabilities() throws IOException {
    for (RealNVP flow : FLOWS) {
      assertSame(flow);
    }
  }

  @Test
  void thePeerComputesTheSameLogProbabilities() throws IOException {
    for (RealNVP flow : PEERS) {
      assertSame(flow);
    }
  }

  private static void assertSame(RealNVP flow) throws IOException {
    float[] got = read(flow, "result.npz").get("log_prob").floats();
    double[] expected =
        Networks.logProb(flow, rows(flow), flow.context() == 0 ? null : rows(flow, flow.context()));
    for (int row = 0; row < ROWS; row++) {
      assertThat((double) got[row])
          .as("%s, row %d, %s", folder(flow).getFileName(), row, flow.layers())
          .isCloseTo(expected[row], within(1e-5 * Math.max(10, Math.abs(expected[row]))));
    }
  }

  @Test
  void whatNumPyWroteIsTheSameFlow() throws IOException {
    for (RealNVP flow : FLOWS) {
      RealNVP again = FlowArrays.toFlow(read(flow, "again.npz")).flow();
      assertThat(again.network().params().toFloatVector())
          .isEqualTo(flow.network().params().toFloatVector());
    }
  }
}
