import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the interfaces of the Spark ML stages' parameters: for each parameter a method that makes
 * it, a getter and a setter. The build runs this file before it compiles.
 */
public final class ParameterSources {

  private static final Pattern DECLARED = Pattern.compile(" ?Spark ML: `(\\S+) (\\w+)`\\.");

  private static final Map<String, String> CLASSES =
      Map.of(
          "int", "IntParam",
          "long", "LongParam",
          "double", "DoubleParam",
          "boolean", "BooleanParam",
          "int[]", "IntArrayParam",
          "String", "Param<String>");

  private record Parameter(String type, String name, String doc, boolean unset) {

    String source() {
      String capital = Character.toUpperCase(name.charAt(0)) + name.substring(1);
      String valid =
          type.matches("long|boolean") ? "" : ", Parameters.valid(\"%s\")".formatted(name);
      return """

            /** %1$s */
            default %2$s %3$s() {
              return new %4$s(this, "%3$s", Parameters.doc("%3$s")%5$s);
            }

            /** The value of {@link #%3$s()}%10$s. */
            default %6$s get%7$s() {
              return %8$s(%3$s());
            }

            /** Sets {@link #%3$s()}. */
            default S set%7$s(%9$s value) {
              return with(%3$s(), value);
            }
          """
          .formatted(
              doc.replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;"),
              CLASSES.get(type),
              name,
              CLASSES.get(type).replace("<String>", "<>"),
              valid,
              type,
              capital,
              unset
                  ? "columnOrNone"
                  : type.matches("int\\[]|String")
                      ? "getOrDefault"
                      : "(%s) getOrDefault".formatted(type),
              type.replace("[]", "..."),
              unset ? "; empty if it is not set" : "");
    }
  }

  private final Path folder;
  private final Config columns;
  private final Map<String, Parameter> settings = new TreeMap<>();
  private final Map<String, Parameter> others = new TreeMap<>();

  private ParameterSources(Path folder, Config columns, Config pipeline) {
    this.folder = folder;
    this.columns = columns;
    pipeline
        .resolve()
        .entrySet()
        .forEach(
            entry -> {
              String comment = comment(entry.getValue());
              Matcher declared = DECLARED.matcher(comment);
              if (declared.find()) {
                String doc = declared.replaceFirst("");
                String name = declared.group(2);
                settings.put(name, new Parameter(declared.group(1), name, doc, false));
              }
            });
    for (ConfigValue section : columns.root().values()) {
      ((ConfigObject) section)
          .forEach(
              (name, value) -> {
                String type = value.valueType() == ConfigValueType.NUMBER ? "int" : "String";
                boolean unset = value.valueType() == ConfigValueType.NULL;
                others.put(name, new Parameter(type, name, comment(value), unset));
              });
    }
  }

  /**
   * @param args {@code parameters.conf}, {@code pipeline.conf}, and the folder of the sources
   */
  public static void main(String[] args) throws IOException {
    ParameterSources sources =
        new ParameterSources(
            Path.of(args[2], "dev/realnvp/spark/ml"),
            ConfigFactory.parseFile(new File(args[0])),
            ConfigFactory.parseFile(new File(args[1])));
    sources.write("ImageColumns", "FluentParams", "images", "inferenceBatch");
    sources.write("EmbedderColumns", "ImageColumns", "embedder");
    sources.write(
        "ClassifierColumns", "ImageColumns", "classifier", "probabilityCol", "predictionCol");
    sources.write("EvaluatorColumns", "FluentParams", "evaluator", "logProbCol");
    sources.write("FlowColumns", "FluentParams", "flow", "falseAlarmRate", "inferenceBatch");
    sources.settings.keySet().removeAll(List.of("falseAlarmRate", "inferenceBatch"));
    sources.write(
        "FlowParams", "FlowColumns", "training", sources.settings.keySet().toArray(String[]::new));
  }

  private void write(String name, String parent, String section, String... more)
      throws IOException {
    ConfigObject own = columns.getObject(section);
    String parameters =
        Stream.concat(own.keySet().stream().sorted(), Stream.of(more))
            .map(of -> others.getOrDefault(of, settings.get(of)).source())
            .collect(Collectors.joining());
    String source =
        """
        package dev.realnvp.spark.ml;

        import org.apache.spark.ml.param.*;

        /**
         * %1$s
         *
         * @param <S> the stage
         */
        public interface %2$s<S extends %2$s<S>> extends %3$s<S> {
        """
                .formatted(comment(own), name, parent)
            + parameters
            + "}\n";
    Path file = folder.resolve(name + ".java");
    Files.createDirectories(folder);
    // A file that stays as it is need not be compiled again.
    if (!Files.exists(file) || !Files.readString(file).equals(source)) {
      Files.writeString(file, source);
    }
  }

  private static String comment(ConfigValue value) {
    return value.origin().comments().stream().map(String::strip).collect(Collectors.joining(" "));
  }
}
