package dev.realnvp.jobs.dataset;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Receives a response body up to a number of bytes. A longer body is an error, and the rest of it
 * is not received.
 *
 * @param <T> the type of the result
 */
final class LimitedBody<T> implements BodySubscriber<T> {
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
