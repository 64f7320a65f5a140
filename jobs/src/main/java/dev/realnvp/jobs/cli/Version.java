package dev.realnvp.jobs.cli;

import dev.realnvp.model.Versions;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"realnvp-spark " + Versions.PROJECT};
  }
}
