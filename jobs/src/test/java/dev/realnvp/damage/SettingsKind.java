package dev.realnvp.damage;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.realnvp.jobs.cli.Settings;
import dev.realnvp.settings.Defaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A file of settings, as --conf-file takes it. */
enum SettingsKind implements InputKind {
  SETTINGS;

  private static final String FILE =
      """
      # mine
      run = "runs/b"
      seed = 7
      flow {
        epochs = 3
        hidden = [64, 32]   // smaller
        learning-rate = 1e-3
        mask = half
        permute = false
      }
      paths.flow = ${run}/other
      """;

  @Override
  public void make(SparkSession spark, Path folder) throws IOException {
    Files.writeString(folder.resolve("mine.conf"), FILE);
  }

  @Override
  public Object read(SparkSession spark, Path folder) {
    Config config = Settings.load(folder.resolve("mine.conf"), List.of(), Map.of());
    Config defaults = Defaults.resolved();
    defaults.entrySet().forEach(entry -> assertThat(config.hasPath(entry.getKey())).isTrue());
    assertThat(config.entrySet()).hasSameSizeAs(defaults.entrySet());
    return config;
  }

  @Override
  public boolean notices(Damage damage) {
    return false;
  }
}
