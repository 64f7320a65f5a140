package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.exchange.FlowArrays;
import dev.realnvp.exchange.NpyArray;
import dev.realnvp.exchange.Npz;
import dev.realnvp.flow.RealNVP;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.cli.Main;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** The flow as a file for other tools, PyTorch say. */
@Command(
    name = "export",
    description = "Writes the flow as a file of NumPy arrays, which docs/interop.md describes.",
    footer = {
      "",
      "Example: submit/export.sh --format npz --model runs/mine/flow --output flow.npz"
    })
public final class Export extends Job<Export.Result> {

  /** Where the file is, and how many arrays it has. */
  public record Result(String output, int arrays) {}

  /** The job with its options. */
  public Export() {
    super(List.of("paths.flow"), List.of("paths.exported"), null);
    option("--model", "DIR", "paths.flow", "The flow");
    option("--format", "FORMAT", "export.format", "The format");
    option("--output", "FILE", "paths.exported", "The file");
  }

  /** Parses, runs, exits. */
  public static void main(String[] args) {
    Main.exit(new Export(), args);
  }

  @Override
  protected Result work(SparkSession spark, Config config) throws IOException {
    Outputs output = Outputs.open(spark, config, "paths.exported");
    StoredModel model = Inputs.model(spark, config, "paths.flow", FlowModel.KIND);
    Map<String, NpyArray> arrays = FlowArrays.of(RealNVP.of(model.network()), model.manifest());
    Console.stage(
        "export: flow %s, %,d parameters in %d arrays",
        model.manifest().id(), model.network().numParams(), arrays.size());
    output.file(out -> Npz.write(arrays, out));
    return new Result(output.target(), arrays.size());
  }
}
