package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.exchange.FlowArrays;
import dev.realnvp.exchange.FlowOnnx;
import dev.realnvp.exchange.Npz;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.jobs.run.RunStage;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** The flow as a file for other tools, PyTorch say. */
@Command(
    name = "export",
    description =
        "Writes the flow as a file of NumPy arrays, or as an ONNX graph, which docs/interop.md describes.",
    footer = {
      "",
      "Example: submit/export.sh --format npz --model runs/mine/flow --output flow.npz"
    })
public final class Export extends Job<String> {

  private static final String FORMAT = "export.format";

  public Export() {
    super(List.of("paths.flow"), List.of("paths.exported"), null);
    option("--model=DIR", "paths.flow", "The flow");
    option("--format=FORMAT", FORMAT);
    option("--output=FILE", "paths.exported", "The file");
  }

  @Override
  protected String work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config);
    Outputs output = Outputs.open(run, "paths.exported");
    StoredModel model = run.model(RunStage.TRAIN_FLOW);
    RealNVP flow = RealNVP.of(model.network());
    Console.stage(
        "export: flow %s, %,d parameters, as %s",
        model.manifest().id(), model.network().numParams(), config.getString(FORMAT));
    if (config.getString(FORMAT).equals("npz")) {
      output.file(out -> Npz.write(FlowArrays.of(flow, model.manifest()), out));
    } else {
      byte[] graph = FlowOnnx.of(flow, model.manifest(), FlowModel.prior(model, flow));
      output.file(out -> out.write(graph));
    }
    return output.target();
  }
}
