package dev.realnvp.jobs.dataset;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Downloads files over HTTP, with short timeouts. */
final class Download {
  /** The largest file of MNIST has 9,912,422. */
  private static final long MOST_BYTES = 16L << 20;

  private final HttpClient client;
  private final Duration answer;
  private final Duration whole;

  /**
   * @param answer how long to wait for a server's answer, including the look-up of its name
   * @param whole how long a complete file may take
   */
  Download(Duration answer, Duration whole) {
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(answer)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    this.answer = answer;
    this.whole = whole;
  }

  /**
   * Downloads a file.
   *
   * @throws IOException if there is no connection, no answer in time, a status other than 200, or
   *     more bytes than a file of MNIST has
   */
  void get(URI from, Path to) throws IOException {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    CompletableFuture<HttpResponse<Path>> response =
        client.sendAsync(
            HttpRequest.newBuilder(from).build(),
            info -> {
              answered.complete(null);
              return new LimitedBody<>(BodyHandlers.ofFile(to).apply(info), MOST_BYTES);
            });
    try {
      CompletableFuture.anyOf(answered, response).get(answer.toMillis(), TimeUnit.MILLISECONDS);
      int status = response.get(whole.toMillis(), TimeUnit.MILLISECONDS).statusCode();
      if (status != 200) {
        throw new IOException(from.getHost() + " answered with status " + status);
      }
    } catch (TimeoutException e) {
      throw new IOException(
          "%s did not %s in time"
              .formatted(from.getHost(), answered.isDone() ? "send the file" : "answer"),
          e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      String reason =
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
      String what =
          answered.isDone()
              ? from.getHost() + " did not send the file"
              : "no connection to " + from.getHost();
      throw new IOException(what + " (" + reason + ")", cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Download of " + from + " was interrupted");
    } finally {
      response.cancel(true);
    }
  }
}
