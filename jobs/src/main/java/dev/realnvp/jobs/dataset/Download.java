package dev.realnvp.jobs.dataset;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
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

  /**
   * Receives a response body up to a number of bytes. A longer body is an error, and the rest of it
   * is not received.
   *
   * @param <T> the type of the result
   */
  private static final class LimitedBody<T> implements BodySubscriber<T> {
    private final BodySubscriber<T> to;
    private final long most;
    private long got;
    private Flow.Subscription subscription;

    LimitedBody(BodySubscriber<T> to, long most) {
      this.to = to;
      this.most = most;
    }

    @Override
    public CompletionStage<T> getBody() {
      return to.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      to.onSubscribe(given);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      got += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
      if (got <= most) {
        to.onNext(buffers);
      } else {
        subscription.cancel();
        to.onError(new IOException("it sends more than " + most + " bytes"));
      }
    }

    @Override
    public void onError(Throwable error) {
      to.onError(error);
    }

    @Override
    public void onComplete() {
      to.onComplete();
    }
  }
}
