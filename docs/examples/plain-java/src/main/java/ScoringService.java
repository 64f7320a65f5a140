import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.realnvp.RealNVPFlow;
import dev.realnvp.flow.ClassMixture;
import dev.realnvp.scores.AnomalyDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Scores rows over HTTP, without Spark: {@code java -jar scoring-service.jar FLOW [PORT]}.
 *
 * <p>{@code POST /score} takes rows as JSON, {@code [[1.5, -0.3], [0.2, 0.9]]} or {@code
 * [{"price": 1.5, "kind": "a"}]} by the columns of the training, or as {@code text/csv}, features
 * line by line, and answers {@code {"log_prob": [...], ...}}, a value per row; null
 * for a row without a finite density. {@code GET /} says what the flow is.
 */
public final class ScoringService {

  /** Takes numbers only, not what could be read as numbers. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private static final TypeReference<Map<String, Object>> COLUMNS = new TypeReference<>() {};

  private static final int MOST_BYTES = 64 << 20;
  private static final double FALSE_ALARM_RATE = 0.01;

  private final RealNVPFlow flow;

  private ScoringService(RealNVPFlow flow) {
    this.flow = flow;
  }

  public static void main(String[] args) throws IOException {
    if (args.length < 1 || args.length > 2) {
      System.err.println("Usage: java -jar scoring-service.jar FLOW [PORT]");
      System.exit(2);
    }
    RealNVPFlow flow = RealNVPFlow.load(Path.of(args[0]));
    int port = args.length > 1 ? Integer.parseInt(args[1]) : 8080;
    HttpServer server = start(flow, port);
    System.out.println("listening on http://localhost:" + server.getAddress().getPort());
  }

  /** On this machine's own address only, with a thread per core. */
  private static HttpServer start(RealNVPFlow flow, int port) throws IOException {
    ScoringService service = new ScoringService(flow);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors()));
    server.createContext("/", exchange -> service.answer(exchange, "GET", "/"));
    server.createContext("/score", exchange -> service.answer(exchange, "POST", "/score"));
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange, String method, String path) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(path)) {
        send(exchange, 404, Map.of("error", "expected GET / or POST /score"));
      } else if (!exchange.getRequestMethod().equals(method)) {
        send(exchange, 405, Map.of("error", path + ": expected " + method));
      } else if (path.equals("/")) {
        send(exchange, 200, facts());
      } else {
        answer(exchange);
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, Object> scores;
    try {
      scores = score(rows(exchange));
    } catch (IllegalArgumentException e) {
      send(exchange, 400, Map.of("error", e.getMessage()));
      return;
    }
    send(exchange, 200, scores);
  }

  private Map<String, Object> facts() {
    return Map.of(
        "id", flow.manifest().id(), "features", flow.features(), "classes", flow.classNames());
  }

  private Map<String, Object> score(float[][] rows) {
    ClassMixture.Scores scores = flow.score(rows);
    double[] logProb = scores.marginal();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("log_prob", finite(logProb));
    if (flow.calibration().isPresent()) {
      AnomalyDetector detector = flow.detector(FALSE_ALARM_RATE);
      double[] anomalyScores = flow.anomalyScores(scores);
      List<Boolean> anomalies = new ArrayList<>();
      for (double score : anomalyScores) {
        anomalies.add(detector.isAnomaly(score));
      }
      answer.put("anomaly_score", finite(anomalyScores));
      answer.put("anomaly", anomalies);
    }
    if (flow.classes() > 0) {
      List<Integer> classes = new ArrayList<>();
      for (int i = 0; i < rows.length; i++) {
        classes.add(scores.isFinite(i) ? scores.mostLikelyClass(i) : null);
      }
      answer.put("predicted_label", classes);
    }
    return answer;
  }

  private float[][] rows(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES) {
      throw new IllegalArgumentException("expected at most " + MOST_BYTES + " bytes");
    }
    String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
    return type.startsWith("text/csv")
        ? csv(new String(body, StandardCharsets.UTF_8))
        : json(body);
  }

  private float[][] json(byte[] body) throws IOException {
    try {
      JsonNode[] given = JSON.readValue(body, JsonNode[].class);
      if (given == null) {
        throw new IllegalArgumentException("got null, expected an array of rows");
      }
      float[][] rows = new float[given.length][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] =
            given[i].isObject()
                ? flow.encode(JSON.convertValue(given[i], COLUMNS))
                : JSON.treeToValue(given[i], float[].class);
      }
      return rows;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected an array of rows, each an array of numbers or an object: "
              + e.getOriginalMessage(),
          e);
    }
  }

  private static float[][] csv(String text) {
    String[] lines = text.lines().filter(line -> !line.isBlank()).toArray(String[]::new);
    float[][] rows = new float[lines.length][];
    for (int i = 0; i < lines.length; i++) {
      String[] values = lines[i].split(",", -1);
      rows[i] = new float[values.length];
      for (int j = 0; j < values.length; j++) {
        try {
          rows[i][j] = Float.parseFloat(values[j].strip());
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "row %d, value %d: got '%s', expected a number".formatted(i, j, values[j]), e);
        }
      }
    }
    return rows;
  }

  /** JSON has no form for others. */
  private static List<Double> finite(double[] values) {
    List<Double> finite = new ArrayList<>();
    for (double value : values) {
      finite.add(Double.isFinite(value) ? value : null);
    }
    return finite;
  }

  private static void send(HttpExchange exchange, int status, Map<String, ?> answer)
      throws IOException {
    byte[] body = JSON.writeValueAsBytes(answer);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
