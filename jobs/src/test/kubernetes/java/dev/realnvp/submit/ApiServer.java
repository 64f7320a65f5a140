package dev.realnvp.submit;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.HashMap;

/**
 * fabric8's API server, which keeps what it is given, with what Spark wants of a real one besides:
 * server-side apply, and a status of each new pod.
 */
final class ApiServer extends KubernetesCrudDispatcher {
  private static final String TYPE = "Content-Type";

  private ApiServer() {}

  /** On a free port of this machine, without encryption. */
  static KubernetesMockServer start() {
    KubernetesMockServer server =
        new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new ApiServer(), false);
    server.init();
    return server;
  }

  /** Applying merges, or creates what is not there. */
  @Override
  public MockResponse handlePatch(RecordedRequest request) {
    if (!request.getHeader(TYPE).startsWith("application/apply-patch+yaml")) {
      return super.handlePatch(request);
    }
    String path = request.getPath().replaceFirst("[?].*", "");
    return handleGet(path).code() == 200
        ? super.handlePatch(
            request(HttpMethod.PATCH, path, "application/merge-patch+json", request.getUtf8Body()))
        : handleCreate(
            request(
                HttpMethod.POST,
                path.replaceFirst("/[^/]*$", ""),
                "application/json",
                request.getUtf8Body()));
  }

  @Override
  public MockResponse handleCreate(RecordedRequest request) {
    if (!request.getPath().matches(".*/pods([?].*)?")) {
      return super.handleCreate(request);
    }
    Pod pod = Serialization.unmarshal(request.getUtf8Body(), Pod.class);
    Pod pending = pod.edit().withNewStatus().withPhase("Pending").endStatus().build();
    return super.handleCreate(
        request(
            HttpMethod.POST, request.getPath(), "application/json", Serialization.asJson(pending)));
  }

  private static RecordedRequest request(HttpMethod method, String path, String type, String body) {
    Headers headers = Headers.builder().add(TYPE, type).build();
    return new RecordedRequest("HTTP/1.1", method, path, headers, new Buffer().writeUtf8(body));
  }
}
