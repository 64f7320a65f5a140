package dev.realnvp.jobs;

import com.typesafe.config.Config;
import dev.realnvp.exchange.FlowArrays;
import dev.realnvp.jobs.cli.Console;
import dev.realnvp.jobs.cli.Job;
import dev.realnvp.jobs.run.Outputs;
import dev.realnvp.jobs.run.Run;
import dev.realnvp.model.Manifest;
import dev.realnvp.spark.flow.FlowModel;
import dev.realnvp.spark.model.ModelDirectory;
import dev.realnvp.stored.StoredModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** A flow out of a file that {@link Export} wrote, or that another tool changed. */
@Command(
    name = "import",
    description = "Makes a model from a file of NumPy arrays, which docs/interop.md describes.",
    footer = {"", "Example: submit/import.sh --input flow.npz --output runs/mine/flow"})
public final class Import extends Job<Manifest> {

  public Import() {
    super(List.of("paths.exported"), List.of("paths.flow"), "score");
    option("--input=FILE", "paths.exported", "The file");
    option("--output=DIR", "paths.flow", "The model");
  }

  @Override
  protected Manifest work(SparkSession spark, Config config) throws IOException {
    Run run = Run.of(spark, config);
    Outputs output = Outputs.open(run, "paths.flow");
    FlowArrays.Described model =
        ModelDirectory.readArrays(run.hadoop(), run.place("paths.exported"), FlowModel.KIND);
    Console.stage(
        "import: flow %s, %,d parameters", model.manifest().id(), model.manifest().parameters());
    output.model(new StoredModel(model.flow().network(), model.manifest(), Optional.empty()));
    return model.manifest();
  }
}
