package dev.realnvp.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The documentation's PyTorch on exported flows, where there is a Python with PyTorch. */
class PyTorchTest {

  private static final int ROWS = 6;
  private static final int NO_PYTORCH = 42;

  /** For each flow: log_prob of the rows, and the same file written again by NumPy. */
  private static final String SCRIPT =
      """
      import sys
      try:
          import numpy as np, torch
      except ImportError:
          sys.exit(%d)
      sys.path.insert(0, sys.argv[1])
      import log_prob
      for folder in sys.argv[2:]:
          rows = np.load(folder + "/rows.npz")
          x, context = (torch.from_numpy(rows[name]) for name in ("x", "context"))
          config, arrays = log_prob.load(folder + "/flow.npz")
          result = log_prob.log_prob(config, arrays, x, context if config["context"] else None)
          np.savez(folder + "/result.npz", log_prob=result.numpy())
          np.savez(folder + "/again.npz", **np.load(folder + "/flow.npz"))
      """
          .formatted(NO_PYTORCH);

  @TempDir static Path temp;

  private static final List<RealNVP> FLOWS =
      Stream.concat(
              Flows.configs()
                  .flatMap(config -> Stream.of(Flows.of(config), Flows.standardized(config))),
              Stream.of(Flows.signed()))
          .toList();

  private static Path folder(int flow) {
    return temp.resolve("flow " + flow);
  }

  private static INDArray rows(int flow, int columns) {
    Nd4j.getRandom().setSeed(100 + flow);
    return Nd4j.randn(ROWS, columns).castTo(DataType.FLOAT);
  }

  private static NpyArray array(INDArray matrix) {
    float[] values = Nd4j.toFlattened('c', matrix).toFloatVector();
    return NpyArray.of(values, ROWS, (int) matrix.size(1));
  }

  @BeforeAll
  static void runPython() throws IOException, InterruptedException {
    for (int i = 0; i < FLOWS.size(); i++) {
      RealNVP flow = FLOWS.get(i);
      Files.createDirectories(folder(i));
      try (OutputStream out = Files.newOutputStream(folder(i).resolve("flow.npz"))) {
        Npz.write(FlowArrays.of(flow, Flows.manifest(flow)), out);
      }
      try (OutputStream out = Files.newOutputStream(folder(i).resolve("rows.npz"))) {
        Npz.write(
            Map.of(
                "x", array(rows(i, flow.features())),
                "context", array(rows(i, Math.max(flow.context(), 1)))),
            out);
      }
    }
    assumeTrue(
        run("python3") || run("/usr/bin/python3"), "there is no Python with PyTorch and NumPy");
  }

  /** Whether this Python has what the script needs; fails where the script does. */
  private static boolean run(String python) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(python, "-c", SCRIPT, "../docs/examples"));
    IntStream.range(0, FLOWS.size()).forEach(i -> command.add(folder(i).toString()));
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
    int code = process.waitFor();
    if (code == NO_PYTORCH) {
      return false;
    }
    assertThat(code).as(Files.readString(log)).isZero();
    return true;
  }

  private static Map<String, NpyArray> read(int flow, String file) throws IOException {
    try (InputStream in = Files.newInputStream(folder(flow).resolve(file))) {
      return Npz.read(in, Long.MAX_VALUE >> 8);
    }
  }

  @Test
  void computesTheSameLogProbabilities() throws IOException {
    for (int i = 0; i < FLOWS.size(); i++) {
      RealNVP flow = FLOWS.get(i);
      float[] got = read(i, "result.npz").get("log_prob").floats();
      double[] expected =
          Networks.logProb(
              flow, rows(i, flow.features()), flow.context() == 0 ? null : rows(i, flow.context()));
      for (int row = 0; row < ROWS; row++) {
        assertThat((double) got[row])
            .as("%s, row %d", flow.layers(), row)
            .isCloseTo(expected[row], within(1e-5 * Math.max(10, Math.abs(expected[row]))));
      }
    }
  }

  @Test
  void whatNumPyWroteIsTheSameFlow() throws IOException {
    for (int i = 0; i < FLOWS.size(); i++) {
      RealNVP again = FlowArrays.toFlow(read(i, "again.npz")).flow();
      assertThat(again.network().params().toFloatVector())
          .isEqualTo(FLOWS.get(i).network().params().toFloatVector());
    }
  }
}
