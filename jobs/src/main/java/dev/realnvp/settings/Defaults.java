package dev.realnvp.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;

/** The bundled copy of {@code conf/pipeline.conf}, the only place where a default stands. */
public final class Defaults {

  private static final String RESOURCE = "pipeline.conf";

  private Defaults() {}

  /** Every setting's default. */
  public static Config resolved() {
    return unresolved().resolve(ConfigResolveOptions.noSystem());
  }

  /** The same, where what a setting refers to can still be laid over. */
  public static Config unresolved() {
    return ConfigFactory.parseResources(
        Defaults.class.getClassLoader(),
        RESOURCE,
        ConfigParseOptions.defaults().setAllowMissing(false));
  }
}
