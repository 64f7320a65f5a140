package dev.realnvp.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;

/** The bundled copy of {@code conf/pipeline.conf}, the only place where a default stands. */
public final class Defaults {

  private static final String RESOURCE = "pipeline.conf";

  private static final Config UNRESOLVED =
      ConfigFactory.parseResources(
          Defaults.class.getClassLoader(),
          RESOURCE,
          ConfigParseOptions.defaults().setAllowMissing(false));

  private static final Config RESOLVED = UNRESOLVED.resolve(ConfigResolveOptions.noSystem());

  private Defaults() {}

  public static Config resolved() {
    return RESOLVED;
  }

  /** The same, with references between settings open, so that overriding one changes both. */
  public static Config unresolved() {
    return UNRESOLVED;
  }
}
